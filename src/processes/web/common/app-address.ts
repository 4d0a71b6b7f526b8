import type { Request } from 'express';

/** Where the browser app is; its own addresses begin with it. */
export const APP_ADDRESS = '/app';
const API = /^\/api(\/|$)/;

/** Whether a browser asks for a page, and not a program for data. */
export function wantsPage({ method, headers }: Pick<Request, 'method' | 'headers'>): boolean {
  return (method === 'GET' || method === 'HEAD') && (headers.accept ?? '').includes('text/html');
}

/**
 * Where the app answers for an address that nobody serves: it has the page, as of most addresses of the time before it, or
 * says that there is none. Undefined for a program, and below /api.
 */
export function pageInstead(request: Pick<Request, 'method' | 'headers' | 'path' | 'url'>): string | undefined {
  if (!wantsPage(request) || API.test(request.path) || request.path.startsWith(`${APP_ADDRESS}/`)) return undefined;
  const query = request.url.indexOf('?');
  return `${APP_ADDRESS}${request.path}${query === -1 ? '' : request.url.slice(query)}`;
}
