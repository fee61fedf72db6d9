import { createContext, use, useCallback, useMemo, useState, type ReactNode } from 'react';
import type { ProductSummary } from '../catalogue.ts';

export interface CartLine {
  readonly product: ProductSummary;
  readonly quantity: number;
}

interface Cart {
  readonly lines: readonly CartLine[];
  readonly count: number;
  /** Euro cents. */
  readonly total: number;
  readonly add: (product: ProductSummary, quantity: number) => void;
  readonly remove: (slug: string) => void;
  readonly clear: () => void;
}

const CartContext = createContext<Cart | undefined>(undefined);
const storageKey = 'cart';

function readLines(): readonly CartLine[] {
  // What this module wrote; a cart lives as long as its tab.
  return JSON.parse(sessionStorage.getItem(storageKey) ?? '[]');
}

function addLine(lines: readonly CartLine[], product: ProductSummary, quantity: number): readonly CartLine[] {
  if (!lines.some((line) => line.product.slug === product.slug)) return [...lines, { product, quantity }];
  return lines.map((line) => {
    return line.product.slug === product.slug ? { product, quantity: line.quantity + quantity } : line;
  });
}

/** Holds the cart for everything below it. */
export function CartProvider({ children }: { children: ReactNode }): ReactNode {
  const [lines, setLines] = useState(readLines);
  const change = useCallback((edit: (lines: readonly CartLine[]) => readonly CartLine[]): void => {
    const next = edit(readLines());
    sessionStorage.setItem(storageKey, JSON.stringify(next));
    setLines(next);
  }, []);
  const cart = useMemo(
    (): Cart => ({
      lines,
      count: lines.reduce((sum, line) => sum + line.quantity, 0),
      total: lines.reduce((sum, line) => sum + line.quantity * line.product.price, 0),
      add: (product, quantity) => change((before) => addLine(before, product, quantity)),
      remove: (slug) => change((before) => before.filter((line) => line.product.slug !== slug)),
      clear: () => change(() => []),
    }),
    [lines, change],
  );
  return <CartContext value={cart}>{children}</CartContext>;
}

export function useCart(): Cart {
  const cart = use(CartContext);
  if (!cart) throw new Error('useCart outside of a CartProvider');
  return cart;
}
