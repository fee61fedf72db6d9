import { useEffect, useState, type ReactNode } from 'react';
import type { ProductSummary } from '../catalogue.ts';
import { faults } from './page-faults.ts';
import { ProductGrid } from './product-card.tsx';
import type { PageProps } from './router.tsx';
import { fetchProducts } from './shop-api.ts';

interface Found {
  readonly query: string;
  readonly products: readonly ProductSummary[];
}

const heroUrl = `/images/hero.png${faults.hero === undefined ? '' : `?delay=${faults.hero}`}`;

function describe({ query, products }: Found): string {
  if (query === '') return `${products.length} products`;
  return products.length === 1 ? '1 result' : `${products.length} results`;
}

function useFound(query: string): { found: Found | undefined; failed: boolean } {
  const [found, setFound] = useState<Found>();
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    // An answer that comes after a later question is of no use; it is let run, as its bytes are on the way anyhow.
    let current = true;
    fetchProducts(query).then(
      (products) => {
        if (!current) return;
        setFound({ query, products });
        setFailed(false);
      },
      () => current && setFailed(true),
    );
    return () => {
      current = false;
    };
  }, [query]);
  return { found, failed };
}

/** The hero and all products, or what a search has found. */
export function HomePage({ query }: PageProps): ReactNode {
  const { found, failed } = useFound(query);
  const searching = found !== undefined && found.query !== '';
  return (
    <main className="page" aria-busy={found?.query !== query}>
      {!searching && (
        <section className="hero">
          <img src={heroUrl} alt="Dawn over wooded hills" width="1200" height="480" fetchPriority="high" />
          <div className="hero-text">
            <h1>Gear for slow weather</h1>
            <p>Boots, tents and wool for people who take the long way round.</p>
          </div>
        </section>
      )}
      {failed && <p role="alert">The shop does not answer. Please try again.</p>}
      {/* A new key makes new elements: results appear, and nothing that was there moves. */}
      {found && (
        <section key={found.query}>
          <div className="list-head">
            <h2>{searching ? `Search: ${found.query}` : 'All products'}</h2>
            <p role="status">{describe(found)}</p>
          </div>
          <ProductGrid products={found.products} />
        </section>
      )}
    </main>
  );
}
