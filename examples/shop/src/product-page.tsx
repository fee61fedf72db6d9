import { useEffect, useState, type ReactNode } from 'react';
import type { Product, ProductSummary, Review } from '../catalogue.ts';
import { useCart } from './cart.tsx';
import { MissingPage } from './missing-page.tsx';
import { faults } from './page-faults.ts';
import { recalculatePrices } from './prices.ts';
import { ProductGrid } from './product-card.tsx';
import { Link, type PageProps } from './router.tsx';
import { fetchProduct, formatPrice } from './shop-api.ts';

const formatDay = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });

function AddToCart({ product }: { product: ProductSummary }): ReactNode {
  const cart = useCart();
  const [quantity, setQuantity] = useState(1);
  const inCart = cart.lines.find((line) => line.product.slug === product.slug)?.quantity ?? 0;
  const add = (): void => {
    recalculatePrices(faults.handler ?? 0);
    cart.add(product, quantity);
  };
  return (
    <div className="add">
      <label>
        Quantity
        <select value={quantity} onChange={(event) => setQuantity(Number(event.target.value))}>
          {[1, 2, 3, 4, 5].map((count) => (
            <option key={count}>{count}</option>
          ))}
        </select>
      </label>
      <button type="button" className="primary" onClick={add}>
        Add to cart
      </button>
      <p role="status">{inCart > 0 && `${inCart} in your cart`}</p>
    </div>
  );
}

function Reviews({ reviews }: { reviews: readonly Review[] }): ReactNode {
  return (
    <section className="reviews">
      <h2>Reviews</h2>
      <ul>
        {reviews.map((review, at) => (
          <li key={at}>
            <p aria-label={`${review.stars} of 5 stars`}>{'★'.repeat(review.stars)}</p>
            <p>{review.text}</p>
            <p className="by">
              {review.author}, {formatDay.format(new Date(review.date))}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Details({ product, related }: { product: Product; related: readonly ProductSummary[] }): ReactNode {
  return (
    <>
      <nav aria-label="Breadcrumb" className="crumbs">
        <Link to="/">All products</Link> / <span aria-current="page">{product.name}</span>
      </nav>
      <article className="product">
        <img src={product.image} alt={product.name} width="480" height="360" fetchPriority="high" />
        <div>
          <h1>{product.name}</h1>
          <p className="price">{formatPrice(product.price)}</p>
          <p>{product.description}</p>
          <ul className="features">
            {product.features.map((feature) => (
              <li key={feature}>{feature}</li>
            ))}
          </ul>
          <AddToCart product={product} />
        </div>
      </article>
      <Reviews reviews={product.reviews} />
      <section>
        <h2>More like this</h2>
        <ProductGrid products={related} />
      </section>
    </>
  );
}

/** One product, its reviews, and others like it. */
export function ProductPage({ slug }: PageProps): ReactNode {
  const [shown, setShown] = useState<{ product: Product; related: readonly ProductSummary[] } | 'missing'>();
  useEffect(() => {
    let current = true;
    fetchProduct(slug).then(
      (answer) => {
        if (!current) return;
        setShown(answer);
        document.title = `${answer.product.name} · Fernweh Outfitters`;
      },
      () => current && setShown('missing'),
    );
    return () => {
      current = false;
    };
  }, [slug]);
  if (shown === 'missing') return <MissingPage />;
  return (
    <main className="page" aria-busy={shown === undefined}>
      {shown && <Details {...shown} />}
    </main>
  );
}
