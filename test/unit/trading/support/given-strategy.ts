import { parseSymbol } from '../../../../src/events/names.js';
import type { DecimalText } from '../../../../src/kernel/decimal.js';
import { toUtcText } from '../../../../src/kernel/time.js';
import type { ShortType } from '../../../../src/strategies/strategy.js';
import type { Given } from './rule-spec.js';
import { DATE, OPEN, timeOf } from './rule-world.js';
import { blindFilter, scriptedFilter } from './scripted-strategy.js';

const number = (text: string): DecimalText => text as DecimalText;

/** The strategy is under way with this pool, best first. */
export const started =
  (...pool: readonly string[]): Given =>
  (world) => {
    begun(world);
    world.strategy.pool = pool;
    const { candidates } = world.strategy.analyze();
    world.record('CandidatesRanked', {
      strategy: OPEN,
      poolLimit: 12,
      candidates: candidates.map(({ symbol, rank }) => ({ symbol, rank, fitness: number('1'), figures: {} })),
      screenedOut: [],
    });
  };

/** The strategy and its phase have begun, nothing is ranked yet. */
export const begun: Given = (world) => {
  const { analysisFrom, breakoutFrom, monitoringFrom, endsAt } = world.strategy.hours;
  world.record('PhaseStarted', { phase: 'open' });
  world.record('StrategyStarted', {
    strategy: OPEN,
    analysisFrom: toUtcText(analysisFrom),
    breakoutFrom: toUtcText(breakoutFrom),
    monitoringFrom: toUtcText(monitoringFrom),
    endsAt: toUtcText(endsAt),
    shortType: 'ShortSell',
  });
};

export const strategyFailed: Given = (world) =>
  world.record('StrategyFailed', { strategy: OPEN, code: 'STRATEGY_THREW', message: 'test' });

export const strategyEnded: Given = (world) =>
  world.record('StrategyEnded', { strategy: OPEN, candidates: 1, signals: 0, blocked: 0, entries: 0, reason: 'test' });

/** The strategy's signal fires from now on. */
export const fires =
  (symbol: string, dollars: number, side: 'long' | 'short' = 'long'): Given =>
  (world) => {
    world.strategy.signals.set(parseSymbol(symbol), { side, dollars });
  };

/** The signal fires and was reported. */
export const signalled =
  (symbol: string, dollars: number, side: 'long' | 'short' = 'long'): Given =>
  (world) => {
    fires(symbol, dollars, side)(world);
    world.record('SignalTriggered', {
      signalId: `${DATE}/open/${symbol}`,
      strategy: OPEN,
      symbol: parseSymbol(symbol),
      side,
      rule: 'scripted',
      price: number(dollars.toFixed(2)),
      poolRank: world.strategy.pool.indexOf(symbol) + 1,
      figures: {},
    });
  };

export const filterBlocks =
  (name: string, code: string, symbol?: string): Given =>
  (world) => {
    world.strategy.filters.push(scriptedFilter(name, code, symbol));
  };

export const filterLacks =
  (name: string, code: string): Given =>
  (world) => {
    world.strategy.filters.push(blindFilter(name, code));
  };

export const filterThrows =
  (name: string): Given =>
  (world) => {
    world.strategy.filters.push(scriptedFilter(name, undefined));
  };

/** The filter's block of the signal was reported. */
export const blockReported =
  (
    symbol: string,
    filter: string,
    code: string,
    type: 'EnhancementBlocked' | 'FilterUndecided' = 'EnhancementBlocked',
  ): Given =>
  (world) =>
    world.record(type, {
      strategy: OPEN,
      symbol: parseSymbol(symbol),
      signalId: `${DATE}/open/${symbol}`,
      filter,
      code,
      figures: {},
    });

/** The candidate was refused for good. */
export const candidateRejected =
  (symbol: string): Given =>
  (world) =>
    world.record('CandidateRejected', {
      strategy: OPEN,
      symbol: parseSymbol(symbol),
      signalId: `${DATE}/open/${symbol}`,
      poolRank: 1,
      fallbackLevel: 0,
      code: 'NOT_TRADABLE',
      figures: {},
    });

export const targetReached =
  (symbol: string): Given =>
  (world) => {
    world.strategy.targets.add(parseSymbol(symbol));
  };

/** Live: the time budget lets the strategy work to its end. */
export const budgetAllows: Given = (world) => {
  world.budget = { run: (work) => ({ ended: true, value: work() }) };
};

/** Live: the strategy uses up its time budget without an answer. */
export const budgetExceeded: Given = (world) => {
  world.budget = { run: () => ({ ended: false, used: true }) };
};

/** Live: a busy machine gives the strategy no time. */
export const machineBusy: Given = (world) => {
  world.budget = { run: () => ({ ended: false, used: false }) };
};

/** The strategy throws when it is asked for its pool. */
export const analysisThrows: Given = (world) => {
  world.strategy.analyze = () => {
    throw new Error('no figures');
  };
};

/** The strategy throws when it is asked for a target or a signal. */
export const strategyThrows: Given = (world) => {
  world.strategy.manage = () => {
    throw new Error('no figures');
  };
};

/** How the strategy trades a bearish signal. */
export const shorts =
  (type: ShortType): Given =>
  (world) => {
    world.strategy.shorts = type;
  };

/** The self-check of the strategy fails. */
export const selfCheckFails: Given = (world) => {
  world.strategy.fault = 'a setting is missing';
};

/** The entry of the symbol waits for a person until then. */
export const confirmationAsked =
  (symbol: string, until: string): Given =>
  (world) =>
    world.record('EntryConfirmationRequested', {
      signalId: `${DATE}/open/${symbol}`,
      strategy: OPEN,
      symbol: parseSymbol(symbol),
      side: 'long',
      ...{ quantity: number('16'), price: number('50.00'), cost: number('800.00') },
      expiresAt: toUtcText(timeOf(until)),
    });

export const confirmationDecided =
  (symbol: string, outcome: 'confirmed' | 'refused' | 'expired'): Given =>
  (world) =>
    world.record('EntryConfirmationDecided', {
      signalId: `${DATE}/open/${symbol}`,
      strategy: OPEN,
      symbol: parseSymbol(symbol),
      outcome,
      reason: 'test',
    });
