import type { SettingFault } from './settings.js';

/** CFG-2: keys of earlier products, and what a person writes today. */
const REPLACED: Readonly<Record<string, string>> = {
  ALPACA_ENABLED: 'replaced by BROKER_NAME',
  IBKR_ENABLED: 'replaced by BROKER_NAME',
  TRADIER_ENABLED: 'replaced by BROKER_NAME',
  TEST_MODE: 'replaced by the flag control/test_mode.flag',
  PAPER_MODE: "replaced by the broker's paper address in its credentials, or BROKER_NAME=SIM",
  LIVE_MODE: "replaced by the broker's address in its credentials",
  ALPACA_MODE: "replaced by the broker's address in its credentials",
  IBKR_MODE: "replaced by the broker's address in its credentials",
};

/** Levenshtein distance: single letters added, dropped or changed. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, n) => n);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const changed = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, changed));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The known key that a person most likely meant; undefined when none is near. */
function nearest(key: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(key.length / 3)) + 1;
  for (const candidate of known) {
    const d = distance(key.toUpperCase().slice(0, 60), candidate);
    if (d < bestDistance) [best, bestDistance] = [candidate, d];
  }
  return best;
}

/** The fault of a key that is not in the table; its value is not shown, for it may be a secret in the wrong place. */
export function unknownKeyFault(key: string, known: readonly string[]): SettingFault {
  const name = key.slice(0, 60);
  const replaced = Object.hasOwn(REPLACED, key) ? REPLACED[key] : undefined;
  if (replaced !== undefined) return { key: name, got: '***', mustBe: `left out: ${replaced}` };
  const guess = nearest(key, known);
  return {
    key: name,
    got: '***',
    mustBe: `left out: it is not a key of this version${guess === undefined ? '' : `; did you mean ${guess}?`}`,
  };
}
