import type { Product, ProductSummary } from '../catalogue.ts';
import { faults } from './page-faults.ts';

export interface OrderLine {
  readonly slug: string;
  readonly quantity: number;
}

export interface Order {
  readonly customer: { readonly name: string; readonly email: string };
  readonly lines: readonly OrderLine[];
}

/** Euro cents as the shop writes them: `€89.95`. */
export const formatPrice = (() => {
  const format = new Intl.NumberFormat('en-IE', { style: 'currency', currency: 'EUR' });
  return (cents: number): string => format.format(cents / 100);
})();

function apiUrl(path: string, query: Record<string, string> = {}): string {
  const parameters = new URLSearchParams(query);
  if (faults.api !== undefined) parameters.set('delay', String(faults.api));
  return parameters.size === 0 ? path : `${path}?${parameters}`;
}

async function request<T>(url: string, init?: RequestInit): Promise<T> {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`The shop answered ${response.status} to ${url}`);
  return response.json();
}

/** Products that match; all of them for an empty query. Throws when the shop does not answer. */
export async function fetchProducts(query: string): Promise<readonly ProductSummary[]> {
  const url = apiUrl('/api/products', query === '' ? {} : { q: query });
  return (await request<{ products: readonly ProductSummary[] }>(url)).products;
}

/** One product and others like it. Throws when there is none of this name. */
export function fetchProduct(slug: string): Promise<{ product: Product; related: readonly ProductSummary[] }> {
  return request(apiUrl(`/api/products/${encodeURIComponent(slug)}`));
}

/** Places an order; its number and total in cents. */
export function placeOrder(order: Order): Promise<{ number: string; total: number }> {
  return request(apiUrl('/api/orders'), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(order),
  });
}
