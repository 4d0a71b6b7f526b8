import { own } from '../kit/records.js';
import { noted, warning, type EventOf, type FieldsOf, type FindingsOf, type StatusHandlers } from './status-part.js';
import type { StatusBody } from './status-state.js';

/** The settings recorded in the journal, without secrets. */
export interface ConfigStatus {
  readonly settings: Record<string, string | null>;
}

/** Before the first event. */
export function newConfigStatus(): ConfigStatus {
  return { settings: {} };
}

/** Changes of settings. */
export const configHandlers: StatusHandlers<'config'> = {
  ConfigChanged: noted((body, event: EventOf<'ConfigChanged'>) => {
    for (const { key, to, secret } of event.data.changes) if (!secret) body.settings[key] = to;
  }),
};

/** Settings shown as limits; null until the journal has them. */
const THRESHOLDS = [
  'MAX_TRADES',
  'MAX_OPEN_POSITIONS',
  'TOTAL_ALLOCATION',
  'MAX_RISK_PER_TRADE',
  'DAILY_LOSS_LIMIT',
  'MAX_SPREAD_PCT',
  'MIN_PRICE',
  'MAX_PRICE',
  'REBALANCE_THRESHOLD',
  'DEFENSE_MODE_TRADE_LIMIT_PCT',
  'DEFENSE_MODE_TOTAL_ALLOCATION',
] as const;

/** The value of a setting as text; null until the journal has it. */
export function settingOf(body: StatusBody, key: string): string | null {
  return own(body.settings, key) ?? null;
}

/** The limits of the settings. */
export const thresholdFields: FieldsOf = ({ body }) => ({
  thresholds: Object.fromEntries(THRESHOLDS.map((key) => [key, settingOf(body, key)])),
  max_trades: settingOf(body, 'MAX_TRADES'),
});

/** A ban on entries: the bot opens nothing, and closes as usual. */
export const tradeBanFindings: FindingsOf = ({ body }) =>
  settingOf(body, 'DISABLE_ALL_TRADES') === 'true'
    ? [
        warning(
          'TRADES_DISABLED',
          'all trades are disabled (DISABLE_ALL_TRADES): no new position is opened, exits still pass',
          'Set DISABLE_ALL_TRADES to false when it is to trade again.',
        ),
      ]
    : [];
