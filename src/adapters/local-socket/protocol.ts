/** From the server: it speaks first, gives a sign of life each second while it works, and answers once. */
export type FromServer =
  | { readonly kind: 'hello'; readonly pid: number }
  | { readonly kind: 'alive' }
  | { readonly kind: 'answer'; readonly answer: unknown };

/** From the client: one request on each connection. */
export interface FromClient {
  readonly kind: 'request';
  readonly request: unknown;
}

/** A request of settings with a reason fits many times. */
export const LARGEST_REQUEST_BYTES = 256_000;
export const LARGEST_ANSWER_BYTES = 16_000_000;
export const ALIVE_EVERY_MS = 1_000;

/** What a frame says it is; undefined for any other JSON. */
export function kindOf(frame: unknown): string | undefined {
  if (typeof frame !== 'object' || frame === null || !('kind' in frame)) return undefined;
  return typeof frame.kind === 'string' ? frame.kind : undefined;
}
