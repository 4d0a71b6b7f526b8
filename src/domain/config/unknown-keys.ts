import type { SettingFault } from './settings.js';

/** Keys of earlier products and their replacements (CFG-2). */
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

/** Levenshtein distance: number of single letters added, removed or changed. */
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

/** The known key that was most likely meant; undefined when none is similar. */
function nearest(key: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(key.length / 3)) + 1;
  for (const candidate of known) {
    const d = distance(key.toUpperCase().slice(0, 60), candidate);
    if (d < bestDistance) [best, bestDistance] = [candidate, d];
  }
  return best;
}

/** Fault of an unknown key, without its value: it may be a secret under a wrong name. */
export function unknownKeyFault(key: string, known: readonly string[]): SettingFault {
  const name = key.slice(0, 60);
  const replaced = Object.hasOwn(REPLACED, key) ? REPLACED[key] : undefined;
  if (replaced !== undefined) return { key: name, problem: `is no longer a setting: it was ${replaced}` };
  const guess = nearest(key, known);
  return { key: name, problem: `is an unknown setting${guess === undefined ? '' : `; did you mean ${guess}?`}` };
}
