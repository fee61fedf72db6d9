/** Which site a URL belongs to: what first and third party mean here. */
import { getDomain } from 'tldts';

function siteOf(url: string): string {
  try {
    const { hostname } = new URL(url);
    return getDomain(hostname, { allowPrivateDomains: true }) ?? hostname;
  } catch {
    return '';
  }
}

/** Whether two URLs belong to one site (registrable domain; for IP addresses and local names the host). */
export function sameSite(url: string, page: string): boolean {
  return siteOf(url) === siteOf(page);
}
