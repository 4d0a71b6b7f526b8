import type { EventData } from '../../src/events/event.js';
import { isFailure } from '../../src/domain/session/skipped.js';
import { cents, moneyText } from '../../src/kernel/money.js';
import { fraction, own } from '../kit/records.js';
import { settingOf } from './config.js';
import { confirmationHandlers } from './confirmations.js';
import {
  noted,
  seen,
  warning,
  type EventOf,
  type FieldsOf,
  type FindingsOf,
  type StatusHandlers,
} from './status-part.js';
import type { StatusBody } from './status-state.js';

/** One strategy, since its last start. */
interface StrategyStatus {
  scheduledUtc: string | null;
  running: boolean;
  failed: boolean;
  lastError: string | null;
  /** Figures of the last started run; `pnl` in cents as text, after fees. */
  candidates: number;
  signals: number;
  entries: number;
  trades: number;
  pnl: string;
  lastRunDate: string | null;
  /** Closed positions and gains since the first event. */
  allTrades: number;
  allWins: number;
}

/** The strategies named by an event, and the own ones that were refused when the bot started. */
export interface StrategiesStatus {
  readonly strategies: Record<string, StrategyStatus>;
  refusedStrategies: EventData<'OwnStrategiesFound'>['refused'];
}

/** Before the first event. */
export function newStrategiesStatus(): StrategiesStatus {
  return { strategies: {}, refusedStrategies: [] };
}

const NEW_RUN = {
  running: false,
  failed: false,
  lastError: null,
  candidates: 0,
  signals: 0,
  entries: 0,
  trades: 0,
  pnl: '0',
};

/** The strategy of that name, created when missing. */
export function strategyOf(body: StatusBody, name: string): StrategyStatus {
  const known = own(body.strategies, name);
  if (known !== undefined) return known;
  const made = { scheduledUtc: null, ...NEW_RUN, lastRunDate: null, allTrades: 0, allWins: 0 };
  body.strategies[name] = made;
  return made;
}

/** Events of strategies. */
export const strategyHandlers: StatusHandlers<'strategy'> & Pick<StatusHandlers<'config'>, 'OwnStrategiesFound'> = {
  // an own strategy has a row as soon as it is found
  OwnStrategiesFound: noted((body, { data }: EventOf<'OwnStrategiesFound'>) => {
    for (const { name } of data.strategies) strategyOf(body, name);
    body.refusedStrategies = data.refused;
  }),
  StrategyStarted: noted((body, event: EventOf<'StrategyStarted'>) => {
    const { strategy, analysisFrom } = event.data;
    const run = { ...NEW_RUN, running: true, scheduledUtc: analysisFrom, lastRunDate: event.meta.sessionDate };
    Object.assign(strategyOf(body, strategy), run);
  }),
  CandidatesRanked: noted((body, event: EventOf<'CandidatesRanked'>) => {
    strategyOf(body, event.data.strategy).candidates = event.data.candidates.length;
  }),
  SignalTriggered: noted((body, event: EventOf<'SignalTriggered'>) => {
    strategyOf(body, event.data.strategy).signals += 1;
  }),
  StrategyEnded: noted((body, event: EventOf<'StrategyEnded'>) => {
    strategyOf(body, event.data.strategy).running = false;
  }),
  StrategyFailed: noted((body, event: EventOf<'StrategyFailed'>) => {
    const { strategy, code, message } = event.data;
    const failed = isFailure(code);
    const lastError = failed ? `${code}: ${message}` : null;
    const lastRunDate = event.meta.sessionDate ?? strategyOf(body, strategy).lastRunDate;
    Object.assign(strategyOf(body, strategy), { running: false, failed, lastError, lastRunDate });
  }),
  ...confirmationHandlers,
  CandidateRejected: seen,
  EnhancementBlocked: seen,
  FilterUndecided: seen,
  StrategySkipped: seen,
};

/** Strategies that failed in the last session, and a bot with none that is enabled. */
export const strategyFindings: FindingsOf = ({ body }) => {
  const date = body.session?.opened.date;
  const failed = Object.keys(body.strategies)
    .sort()
    .flatMap((name) => {
      const strategy = own(body.strategies, name);
      if (strategy?.failed !== true || strategy.lastRunDate !== date) return [];
      const text = `strategy ${name} failed: ${strategy.lastError ?? ''}`;
      return [warning('STRATEGY_FAILED', text, 'It trades again from the next session; see its log.')];
    });
  const refused = body.refusedStrategies.map(({ name, where, cause, remedy }) =>
    warning('STRATEGY_REFUSED', `own strategy ${name} was refused: ${where}: ${cause}`, remedy),
  );
  const switches = Object.keys(body.settings).filter((key) => /^STRAT_[A-Z0-9]+_ENABLED$/.test(key));
  const none =
    switches.length > 0 &&
    switches.every((key) => settingOf(body, key) !== 'true') &&
    !namesAsked(body).some((name) => settingOf(body, `STRAT_${name.toUpperCase()}_ENABLED`) === null);
  const remedy = 'Enable a strategy in the settings when it is to trade.';
  const idle = none ? [warning('NO_STRATEGY', 'no strategy is enabled: nothing is entered', remedy)] : [];
  return [...failed, ...refused, ...idle];
};

/** Wins as a share of closed positions: of the session, of all, of each strategy. */
export const winRateFields: FieldsOf = ({ body }) => {
  const names = Object.keys(body.strategies).sort();
  const { session } = body;
  const all = names.flatMap((name) => own(body.strategies, name) ?? []);
  const sum = (of: (strategy: StrategyStatus) => number): number => all.reduce((total, item) => total + of(item), 0);
  return {
    win_rates: {
      today: session === null ? null : fraction(session.wins, session.trades),
      all: fraction(
        sum((item) => item.allWins),
        sum((item) => item.allTrades),
      ),
      per_strategy: Object.fromEntries(
        names.map((name) => {
          const strategy = own(body.strategies, name);
          return [name, fraction(strategy?.allWins ?? 0, strategy?.allTrades ?? 0)];
        }),
      ),
    },
  };
};

/** State and last run of the registered strategies, then of others named by events. */
export function strategyFields(registered: readonly string[]): FieldsOf {
  return ({ body }) => {
    const names = [...new Set([...registered, ...Object.keys(body.strategies)])];
    const each = (of: (name: string, strategy: StrategyStatus | undefined) => object | null): object =>
      Object.fromEntries(names.map((name) => [name, of(name, own(body.strategies, name))]));
    return {
      strategy_states: each((name, strategy) => strategyState(body, name, strategy)),
      strategy_last_run: each((_name, strategy) => (strategy === undefined ? null : lastRun(strategy))),
    };
  };
}

/** The strategies that the settings ask for. */
function namesAsked(body: StatusBody): readonly string[] {
  const alone = settingOf(body, 'STRATEGY_OVERRIDE') ?? '';
  return alone === '' ? (settingOf(body, 'STRATEGY_SEQUENCE') ?? '').split(',') : [alone];
}

/** An own strategy has no switch: it is enabled by its place in the sequence. */
function isEnabled(body: StatusBody, name: string): boolean | null {
  const enabled = settingOf(body, `STRAT_${name.toUpperCase()}_ENABLED`);
  if (enabled !== null) return enabled === 'true';
  return settingOf(body, 'STRATEGY_SEQUENCE') === null ? null : namesAsked(body).includes(name);
}

function strategyState(body: StatusBody, name: string, strategy: StrategyStatus | undefined): object {
  return {
    enabled: isEnabled(body, name),
    scheduled_utc: strategy?.scheduledUtc ?? null,
    running: strategy?.running ?? false,
    failed: strategy?.failed ?? false,
    last_error: strategy?.lastError ?? null,
  };
}

function lastRun(strategy: StrategyStatus): object {
  const { lastRunDate, candidates, signals, entries, trades, pnl } = strategy;
  return { date: lastRunDate, candidates, signals, entries, trades, PnL: moneyText(cents(BigInt(pnl))) };
}
