import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../../kernel/secret.js';

/** What a program says in a flag about who asked for it. */
export interface FlagClaim {
  /** File name of the flag: a proof counts for no other flag. */
  readonly flag: string;
  readonly by: string;
  /** Time of the request, as it stands in the flag. */
  readonly at: string;
}

/** Proves to main and engine that a user of the web asked for a flag: a program that only writes files cannot name one. */
export function proofOfFlag({ flag, by, at }: FlagClaim, key: Secret): string {
  return createHmac('sha256', key.reveal())
    .update(JSON.stringify(['control-flag', flag, by, at]))
    .digest('hex');
}

/** The user that the text of a flag proves; null for everything else, such as a flag that a person touched. */
export function provenUser(flag: string, text: string, key: Secret | undefined): string | null {
  if (key === undefined) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { by, at, proof } = value as Readonly<Record<'by' | 'at' | 'proof', unknown>>;
  if (typeof by !== 'string' || typeof at !== 'string' || typeof proof !== 'string') return null;
  const expected = Buffer.from(proofOfFlag({ flag, by, at }, key));
  const given = Buffer.from(proof);
  return given.length === expected.length && timingSafeEqual(given, expected) ? by : null;
}
