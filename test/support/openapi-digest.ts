import { sha256Hex } from '../../src/kernel/hash.js';

/** Hash of the calls and bodies of an OpenAPI description: not of its version, nor of the cookie, whose name has the port. */
export function openApiDigest(document: Readonly<Record<string, unknown>>): string {
  const { schemas } = document['components'] as Readonly<Record<string, unknown>>;
  return sha256Hex(JSON.stringify({ paths: document['paths'], schemas }));
}
