import type { WatchState, WatchSubject } from './watch-table.js';

/** What TradeBot does when something happens to it. */
export type Response =
  /** Cancel and close everything now, and stay stopped. */
  | 'halt'
  /** No new entries; positions are managed on; lifted by itself when all is well again. */
  | 'suspend-entries'
  /** Strategies end, positions close in order, then stopped. */
  | 'controlled-stop'
  /** Nothing is sent any more, since it could not be recorded first (P1); the engine ends, its successor goes on. */
  | 'freeze'
  /** The engine does not start. */
  | 'block-launch'
  /** By its class: tried again where that is safe, else told and taken up by whoever asked. */
  | 'classify'
  | 'tighter-limits'
  | 'block-trade'
  | 'orderly-shutdown';

export interface MatrixRow {
  readonly event: MatrixEvent;
  readonly foundBy: string;
  readonly scope: 'broker' | 'all' | 'varies' | 'any' | 'risk';
  readonly response: Response;
  /** Whether a person must start the bot again afterwards. */
  readonly restart: boolean;
  /** Whoever is to be alerted is. */
  readonly alert: boolean;
}

export type MatrixEvent =
  | 'loss-limit'
  | 'broker-down'
  | 'market-data-down'
  | 'configuration-unreadable'
  | 'logic-error'
  | 'defense-mode'
  | 'risk-validation-failed'
  | 'manual-shutdown'
  | 'check-failed'
  | 'clock-down'
  | 'disk-down'
  | 'journal-down';

const row = (
  event: MatrixEvent,
  foundBy: string,
  [scope, response]: readonly [MatrixRow['scope'], Response],
  more: { readonly restart: boolean; readonly alert: boolean },
): MatrixRow => ({ event, foundBy, scope, response, ...more });

/** RUN-42, and the watched parts that it leaves open (clock, disk, journal; P1). */
export const EVENT_MATRIX: readonly MatrixRow[] = [
  row('loss-limit', 'kill switch', ['broker', 'halt'], { restart: false, alert: true }),
  row('broker-down', 'watchdog', ['broker', 'suspend-entries'], { restart: false, alert: true }),
  row('market-data-down', 'watchdog', ['all', 'controlled-stop'], { restart: true, alert: true }),
  row('configuration-unreadable', 'security', ['all', 'block-launch'], { restart: true, alert: true }),
  row('logic-error', 'error handler', ['varies', 'classify'], { restart: true, alert: true }),
  row('defense-mode', 'risk', ['all', 'tighter-limits'], { restart: false, alert: false }),
  row('risk-validation-failed', 'risk', ['broker', 'block-trade'], { restart: false, alert: false }),
  row('manual-shutdown', 'control flag', ['any', 'orderly-shutdown'], { restart: true, alert: false }),
  row('check-failed', 'build check', ['all', 'block-launch'], { restart: true, alert: true }),
  row('clock-down', 'watchdog', ['all', 'suspend-entries'], { restart: false, alert: true }),
  row('disk-down', 'watchdog', ['all', 'suspend-entries'], { restart: false, alert: true }),
  row('journal-down', 'watchdog', ['all', 'freeze'], { restart: false, alert: true }),
];

const DOWN_EVENT: Readonly<Record<WatchSubject, MatrixEvent>> = {
  broker: 'broker-down',
  market_data: 'market-data-down',
  clock: 'clock-down',
  disk: 'disk-down',
  journal: 'journal-down',
};

/** What to do when a watched part is down; undefined while it is not. */
export function responseTo(subject: WatchSubject, state: WatchState): MatrixRow | undefined {
  if (state !== 'down') return undefined;
  return EVENT_MATRIX.find(({ event }) => event === DOWN_EVENT[subject]);
}

/** The first subject that forbids entries as things stand; undefined when none does. */
export function suspendsEntries(states: ReadonlyMap<WatchSubject, WatchState>): WatchSubject | undefined {
  for (const [subject, state] of states) if (responseTo(subject, state) !== undefined) return subject;
  return undefined;
}
