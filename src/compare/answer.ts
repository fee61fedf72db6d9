/** Whether something answers at a URL. */
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

/**
 * One GET request, without following redirects; certificates are not checked, since test servers sign their own.
 * Resolves to the status, or to the reason why there was none.
 * @param limit ms to wait for the first byte
 */
export function askServer(url: string, limit: number): Promise<{ status: number } | { failure: string }> {
  return new Promise((resolve) => {
    const secure = new URL(url).protocol === 'https:';
    const options = { headers: { accept: 'text/html,*/*' }, timeout: limit, agent: false as const };
    const request = secure ? requestHttps(url, { ...options, rejectUnauthorized: false }) : requestHttp(url, options);
    request.once('response', (response) => {
      resolve({ status: response.statusCode ?? 0 });
      response.destroy();
    });
    request.once('timeout', () => {
      resolve({ failure: `no answer within ${limit / 1000} s` });
      request.destroy();
    });
    request.once('error', (error: NodeJS.ErrnoException) => resolve({ failure: error.code ?? error.message }));
    request.end();
  });
}
