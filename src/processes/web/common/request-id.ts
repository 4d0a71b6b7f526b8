import { randomUUID } from 'node:crypto';
import type { Request } from 'express';
import type { Principal } from '../../../app/access/principal.js';
import { sha256Hex } from '../../../kernel/hash.js';

const LENGTH = 40;

/**
 * The id that an entry of a person is booked once with: the one of the body, else made of user and Idempotency-Key. The
 * answers that are kept for such a key are in memory; the journal knows this id also after a restart of the web.
 */
export function requestIdOf(request: Request, { userId }: Pick<Principal, 'userId'>, given?: string): string {
  if (given !== undefined) return given;
  const key = request.headers['idempotency-key'];
  return typeof key === 'string' ? sha256Hex(`${userId} ${key}`).slice(0, LENGTH) : randomUUID();
}
