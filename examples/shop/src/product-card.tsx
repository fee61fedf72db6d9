import { memo, type ReactNode } from 'react';
import type { ProductSummary } from '../catalogue.ts';
import { Link } from './router.tsx';
import { formatPrice } from './shop-api.ts';

const ProductCard = memo(function ProductCard({ product }: { product: ProductSummary }): ReactNode {
  return (
    <li className="card">
      <img src={product.image} alt="" width="480" height="360" loading="lazy" decoding="async" />
      <h3>
        <Link to={`/products/${product.slug}`}>{product.name}</Link>
      </h3>
      <p className="card-facts">
        <span>{formatPrice(product.price)}</span>
        <span aria-label={`${product.rating} of 5 stars`}>★ {product.rating.toFixed(1)}</span>
      </p>
    </li>
  );
});

/** Products as a list of cards. */
export function ProductGrid({ products }: { products: readonly ProductSummary[] }): ReactNode {
  return (
    <ul className="grid">
      {products.map((product) => (
        <ProductCard key={product.slug} product={product} />
      ))}
    </ul>
  );
}
