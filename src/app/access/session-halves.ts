import { sha256Hex } from '../../kernel/hash.js';
import { Secret } from '../../kernel/secret.js';
import type { RandomSource } from '../../ports/access.js';

/** Hexadecimal digits of a digest: the end of each cookie. */
const DIGEST_LENGTH = 64;

/**
 * What a browser needs both of. The cookie goes to every port of the machine, also to a server of somebody else; the token is
 * known to the pages of this origin alone and sent in a header.
 */
export interface SessionHalves {
  readonly sessionId: Secret;
  readonly csrfToken: string;
}

/** The cookie ends with the digest of the token: neither follows from the other, and nothing more is stored. */
export function newHalves(random: Pick<RandomSource, 'token'>): SessionHalves {
  const csrfToken = random.token().reveal();
  return { sessionId: new Secret(`${random.token().reveal()}${digestOf(csrfToken)}`), csrfToken };
}

/** Whether both were made together. Digests are compared, so that timing reveals nothing. */
export function belongTogether({ sessionId, csrfToken }: SessionHalves): boolean {
  return sha256Hex(digestOf(csrfToken)) === sha256Hex(sessionId.reveal().slice(-DIGEST_LENGTH));
}

function digestOf(csrfToken: string): string {
  return sha256Hex(`csrf:${csrfToken}`);
}
