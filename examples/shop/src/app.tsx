import { useCallback, useEffect, useState, type ReactNode } from 'react';
import { CartDrawer } from './cart-drawer.tsx';
import { useCart } from './cart.tsx';
import { equaliseCards } from './equalise.ts';
import { carriedQuery, faults } from './page-faults.ts';
import { Link, loadRoute, NavigateContext, type Route } from './router.tsx';

function Header({ query, onQuery }: { query: string; onQuery: (query: string) => void }): ReactNode {
  const [open, setOpen] = useState(false);
  const { count } = useCart();
  return (
    <header className="top">
      <Link to="/" className="brand">
        Fernweh Outfitters
      </Link>
      <form role="search" onSubmit={(event) => event.preventDefault()}>
        <input
          type="search"
          aria-label="Search products"
          placeholder="Search products"
          value={query}
          onChange={(event) => onQuery(event.target.value)}
        />
      </form>
      <button type="button" className="cart-button" onClick={() => setOpen(true)}>
        Cart ({count})
      </button>
      {open && <CartDrawer onClose={() => setOpen(false)} />}
    </header>
  );
}

/** The frame around all pages. `first` is the route of the document's own URL. */
export function App({ first }: { first: Route }): ReactNode {
  const [route, setRoute] = useState(first);
  const show = useCallback(async (path: string, query = ''): Promise<void> => {
    const next = await loadRoute(path);
    // A later navigation may have overtaken this one while its code was loading.
    if (location.pathname !== path) return;
    setRoute({ ...next, query });
    document.title = 'Fernweh Outfitters';
    if (query === '') scrollTo(0, 0);
  }, []);
  const navigate = useCallback(
    (path: string): void => {
      history.pushState(null, '', `${path}${carriedQuery}`);
      void show(path);
    },
    [show],
  );
  useEffect(() => {
    const goBack = (): void => void show(location.pathname);
    addEventListener('popstate', goBack);
    return () => removeEventListener('popstate', goBack);
  }, [show]);
  const search = (query: string): void => {
    equaliseCards(document.querySelectorAll<HTMLElement>('.card'), faults.reflow ?? 0);
    if (route.path === '/') {
      setRoute({ ...route, query });
      return;
    }
    history.pushState(null, '', `/${carriedQuery}`);
    void show('/', query);
  };
  const { Page } = route;
  return (
    <NavigateContext value={navigate}>
      <Header query={route.query} onQuery={search} />
      <Page key={route.path} slug={route.slug} query={route.query} />
      <footer className="bottom">
        <p>Fernweh Outfitters is a demonstration shop. Nothing here is for sale.</p>
      </footer>
    </NavigateContext>
  );
}
