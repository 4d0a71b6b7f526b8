import { configError, type TradeBotError } from '../../kernel/errors.js';

/** The projections of a home by name, without making them (a test compares both). */
export const PROJECTION_NAMES: readonly string[] = [
  'coa',
  'daily-summary',
  'exports',
  'float-ledger',
  'ledger',
  'logs',
  'market',
  'seals',
  'status',
  'system-logs',
  'trade-history',
  'user-activity',
];

/** The name of a projection, or `all`, before anything is opened. Throws ConfigError UNKNOWN_PROJECTION. */
export function parseProjection(name: string): string {
  if (name === 'all' || PROJECTION_NAMES.includes(name)) return name;
  throw unknownProjection(name, PROJECTION_NAMES);
}

export function unknownProjection(name: string, names: readonly string[]): TradeBotError {
  return configError({
    code: 'UNKNOWN_PROJECTION',
    message: `"${name.slice(0, 40)}" is not a projection`,
    remedy: `Name one of: ${names.join(', ')}, or all.`,
    details: { field: 'name' },
  });
}
