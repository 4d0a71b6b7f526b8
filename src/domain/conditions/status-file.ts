import { parseDateText, parseUtcText, type DateText, type EpochMs } from '../../kernel/time.js';
import { forbidsEntries } from '../watchdog/responses.js';
import { WATCH_TABLE, type WatchSubject } from '../watchdog/watch-table.js';
import { tradingHoursFrom, type TradingHours } from '../schedule/trading-hours.js';
import type { Condition } from './condition.js';

/** What status.json says, for those who look at it at a later time. */
export interface StatusFile {
  /** Position of its last event; null before the first. */
  readonly position: string | null;
  readonly asOf: string | null;
  readonly botState: string | null;
  readonly stateSince: EpochMs | undefined;
  readonly hours: TradingHours;
  readonly conditions: readonly Condition[];
  /** The last session, once it is closed. */
  readonly lastClosed: DateText | undefined;
  /** Orders reach no market; undefined in a file of an older version. */
  readonly simulated: boolean | undefined;
  /** The account that the bot trades in, in words, and its kind; undefined before the first start. */
  readonly account: AccountWords | undefined;
  /** A difference between books and broker holds entries. */
  readonly booksHoldEntries: boolean;
  /** A part that is down holds entries. */
  readonly watchdogHoldsEntries: boolean;
}

/** The account of a bot as a person reads it. */
export interface AccountWords {
  readonly kind: string;
  readonly text: string;
}

/** Parts that hold entries while they are down. */
const HOLDING_PARTS = (Object.keys(WATCH_TABLE) as readonly WatchSubject[]).filter(forbidsEntries);

/** Reads the content of status.json; undefined for anything else. What an older version left out is empty. */
export function statusFileOf(content: unknown): StatusFile | undefined {
  if (!isRecord(content)) return undefined;
  const { as_of: asOf, bot_state: botState, bot_state_since: since } = content;
  const { conditions, trading_hours: hours, books_comparison: comparison, watchdog, simulated } = content;
  const at = isRecord(asOf) ? asOf : {};
  const text = (key: string): string | null => (isRecord(hours) ? textOf(hours[key]) : null);
  return {
    position: textOf(at['position']),
    asOf: textOf(at['time']),
    botState: textOf(botState),
    stateSince: typeof since === 'string' ? timeOf(since) : undefined,
    hours: tradingHoursFrom({
      TRADING_DAYS: text('TRADING_DAYS'),
      MARKET_OPEN: text('MARKET_OPEN'),
      MARKET_CLOSE: text('MARKET_CLOSE'),
    }),
    conditions: listOf(conditions).map((one) => ({
      code: String(one['code']),
      severity: one['severity'] === 'Critical' ? 'Critical' : 'Warning',
      text: String(one['text']),
      remedy: String(one['remedy']),
    })),
    simulated: typeof simulated === 'boolean' ? simulated : undefined,
    account: accountIn(content['broker_account']),
    lastClosed: lastClosedOf(content['session']),
    booksHoldEntries: isRecord(comparison) && comparison['entries_held'] === true,
    watchdogHoldsEntries: isRecord(watchdog) && HOLDING_PARTS.some((part) => isDown(watchdog[part])),
  };
}

function accountIn(account: unknown): AccountWords | undefined {
  if (!isRecord(account)) return undefined;
  const [kind, text] = [textOf(account['kind']), textOf(account['text'])];
  return kind === null || text === null ? undefined : { kind, text };
}

function isDown(part: unknown): boolean {
  return isRecord(part) && part['state'] === 'down';
}

function lastClosedOf(session: unknown): DateText | undefined {
  if (!isRecord(session) || typeof session['date'] !== 'string' || session['outcome'] === null) return undefined;
  try {
    return parseDateText(session['date']);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function timeOf(text: string): EpochMs | undefined {
  try {
    return parseUtcText(text);
  } catch {
    return undefined;
  }
}
