import { createContext, use, type ComponentType, type MouseEvent, type ReactNode } from 'react';
import { carriedQuery } from './page-faults.ts';

export interface PageProps {
  /** What follows `/products/`; empty elsewhere. */
  readonly slug: string;
  readonly query: string;
}

export interface Route extends PageProps {
  readonly path: string;
  readonly Page: ComponentType<PageProps>;
}

const loaders: readonly { readonly path: RegExp; readonly load: () => Promise<ComponentType<PageProps>> }[] = [
  { path: /^\/$/, load: async () => (await import('./home-page.tsx')).HomePage },
  { path: /^\/products\/([\w-]+)$/, load: async () => (await import('./product-page.tsx')).ProductPage },
  { path: /^\/checkout$/, load: async () => (await import('./checkout-page.tsx')).CheckoutPage },
];

/** The page of a path, with its code loaded. */
export async function loadRoute(path: string): Promise<Route> {
  for (const { path: pattern, load } of loaders) {
    const match = pattern.exec(path);
    if (match) return { path, slug: match[1] ?? '', query: '', Page: await load() };
  }
  return { path, slug: '', query: '', Page: (await import('./missing-page.tsx')).MissingPage };
}

/** Goes to a path of the shop; a new entry of the history. */
export const NavigateContext = createContext<(path: string) => void>(() => undefined);

/** A link within the shop, which opens without loading a document; with a modifier key it is any other link. */
export function Link({ to, className, children }: { to: string; className?: string; children: ReactNode }): ReactNode {
  const navigate = use(NavigateContext);
  const follow = (event: MouseEvent): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigate(to);
  };
  return (
    <a href={`${to}${carriedQuery}`} className={className} onClick={follow}>
      {children}
    </a>
  );
}
