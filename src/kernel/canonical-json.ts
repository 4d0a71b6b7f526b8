import { invariant } from './errors.js';

/**
 * RFC 8785 text of a JSON value: object keys in UTF-16 order, no spaces, ECMAScript numbers. Two programs that agree
 * on the value agree on the bytes, which hashes and the comparison of events rely on. Omits `undefined` members, as
 * JSON.stringify does.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    invariant(Number.isFinite(value), 'CANONICAL_NUMBER', `${value} has no JSON form`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  invariant(typeof value === 'object', 'CANONICAL_TYPE', `a ${typeof value} has no JSON form`);
  const members: string[] = [];
  const record = value as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(record).sort()) {
    const member = record[key];
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${canonicalJson(member)}`);
  }
  return `{${members.join(',')}}`;
}
