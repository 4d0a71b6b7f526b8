import { sha256Hex } from '../../src/kernel/hash.js';

/**
 * Hash of the calls and bodies of an OpenAPI description: not of its version, nor of the cookie, whose name has the port, nor of
 * the order of parameters, which is that in which a compiler calls decorators.
 */
export function openApiDigest(document: Readonly<Record<string, unknown>>): string {
  const { schemas } = document['components'] as Readonly<Record<string, unknown>>;
  return sha256Hex(JSON.stringify({ paths: document['paths'], schemas }, withParametersInOrder));
}

function withParametersInOrder(key: string, value: unknown): unknown {
  if (key !== 'parameters' || !Array.isArray(value)) return value;
  const byText = new Map((value as readonly unknown[]).map((one) => [JSON.stringify(one), one]));
  return [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}
