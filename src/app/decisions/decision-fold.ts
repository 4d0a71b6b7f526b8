import type { EventData, RecordedEvent } from '../../events/event.js';
import type { StrategyName, TickerSymbol } from '../../events/names.js';
import type { DateText } from '../../kernel/time.js';
import type { Decision, DecisionStep, Observed, SessionDecisions, StrategyDecision } from './decision.js';
import { impliedStep, orderStepOf, stepOf, symbolStepOf } from './decision-steps.js';

interface SymbolRow {
  /** Whether the last step ends it: a ranking, a signal or a filter alone does not. */
  decided: boolean;
  rank: number | null;
  traded: boolean;
  observed: NonNullable<Observed> | null;
  readonly steps: DecisionStep[];
}

/** A signal or a filter alone decides nothing of a symbol. */
const UNDECIDED: ReadonlySet<string> = new Set(['SignalTriggered', 'EnhancementBlocked', 'FilterUndecided']);

interface StrategyRow {
  started: EventData<'StrategyStarted'> | undefined;
  ended: DecisionStep | undefined;
  outcome: StrategyDecision['outcome'];
  ranked: boolean;
  /** The filters that can judge no signal of the session. */
  without: readonly DecisionStep[];
  readonly symbols: Map<TickerSymbol, SymbolRow>;
}

/** Makes the decision record of one session from its events, in order. */
export class DecisionFold {
  readonly #rows = new Map<StrategyName, StrategyRow>();
  readonly #orders = new Map<string, SymbolRow>();
  #opened: EventData<'SessionOpened'> | undefined;
  #closed: EventData<'SessionClosed'> | undefined;

  constructor(
    private readonly date: DateText,
    strategies: readonly StrategyName[],
  ) {
    for (const name of strategies) this.#strategy(name);
  }

  /** Events of other sessions are passed over. */
  take(event: RecordedEvent): void {
    if (event.meta.sessionDate !== this.date) return;
    if (event.type === 'SessionOpened') this.#opened = event.data;
    else if (event.type === 'SessionClosed') this.#closed = event.data;
    else if (event.type === 'CandidatesRanked') this.#rank(event);
    else if (!this.#takeStrategy(event)) this.#takeSymbol(event);
  }

  result(): SessionDecisions {
    const rows = [...this.#rows];
    return {
      date: this.date,
      strategies: rows.map(([strategy, row]) => this.#strategyDecision(strategy, row)),
      symbols: rows.flatMap(([strategy, row]) => this.#symbolDecisions(strategy, row)),
    };
  }

  #strategy(name: StrategyName): StrategyRow {
    const known = this.#rows.get(name);
    if (known !== undefined) return known;
    const made: StrategyRow = {
      started: undefined,
      ended: undefined,
      outcome: 'never started',
      ranked: false,
      without: [],
      symbols: new Map(),
    };
    this.#rows.set(name, made);
    return made;
  }

  #symbol(strategy: StrategyName, symbol: TickerSymbol): SymbolRow {
    const { symbols } = this.#strategy(strategy);
    const known = symbols.get(symbol);
    if (known !== undefined) return known;
    const made: SymbolRow = { decided: false, rank: null, traded: false, observed: null, steps: [] };
    symbols.set(symbol, made);
    return made;
  }

  #takeStrategy(event: RecordedEvent): boolean {
    switch (event.type) {
      case 'StrategyStarted': {
        const row = this.#strategy(event.data.strategy);
        row.started = event.data;
        row.without = (event.data.filtersWithoutData ?? []).map(({ filter, code, figures }) =>
          stepOf(event, 'filter', code, { filter, ...figures }),
        );
        row.outcome = 'running';
        return true;
      }
      case 'StrategySkipped': {
        const { strategy, code, figures } = event.data;
        this.#end(strategy, 'skipped', stepOf(event, 'strategy', code, figures));
        return true;
      }
      case 'StrategyFailed': {
        const { strategy, code, message } = event.data;
        this.#end(strategy, 'failed', stepOf(event, 'strategy', code, { message }));
        return true;
      }
      case 'StrategyEnded': {
        const { strategy, reason } = event.data;
        this.#end(strategy, 'ended', stepOf(event, 'strategy', 'ENDED', { reason }));
        return true;
      }
      default:
        return false;
    }
  }

  #end(strategy: StrategyName, outcome: StrategyDecision['outcome'], step: DecisionStep): void {
    const row = this.#strategy(strategy);
    row.outcome = outcome;
    row.ended = step;
  }

  #rank(event: RecordedEvent<'CandidatesRanked'>): void {
    const { strategy, candidates, screenedOut } = event.data;
    this.#strategy(strategy).ranked = true;
    for (const { symbol, rank, fitness, figures } of candidates) {
      const row = this.#symbol(strategy, symbol);
      row.rank = rank;
      row.steps.push(stepOf(event, 'rank', 'RANKED', { rank: String(rank), fitness, ...figures }));
    }
    for (const { symbol, code, figures } of screenedOut) {
      const row = this.#symbol(strategy, symbol);
      row.decided = true;
      row.steps.push(stepOf(event, code === 'POOL_FULL' ? 'rank' : 'screen', code, figures));
    }
  }

  #takeSymbol(event: RecordedEvent): void {
    const ofOrder = orderStepOf(event);
    if (ofOrder !== undefined) {
      this.#orders.get(ofOrder.clientOrderId)?.steps.push(ofOrder.step);
      return;
    }
    const found = symbolStepOf(event);
    if (found === undefined) return;
    const row = this.#symbol(found.strategy, found.symbol);
    row.steps.push(found.step);
    row.decided = !UNDECIDED.has(event.type);
    if (event.type === 'SignalTriggered') row.steps.push(...this.#strategy(found.strategy).without);
    if (event.type === 'OrderIntended') this.#orders.set(event.data.clientOrderId, row);
    if (event.type === 'PositionOpened') row.traded = true;
    if (event.type === 'CandidateRejected') row.observed = event.data.observed ?? null;
  }

  #strategyDecision(strategy: StrategyName, row: StrategyRow): StrategyDecision {
    const { started } = row;
    return {
      strategy,
      outcome: row.outcome,
      ended: this.#endOf(row),
      entries: started === undefined ? null : { from: started.breakoutFrom, to: started.monitoringFrom },
    };
  }

  #endOf(row: StrategyRow): DecisionStep {
    if (row.ended !== undefined) return row.ended;
    const session = this.#closed === undefined ? 'open' : this.#closed.outcome;
    const code = row.started === undefined ? 'NEVER_STARTED' : session === 'open' ? 'RUNNING' : 'UNFINISHED';
    return impliedStep('strategy', code, { session });
  }

  #symbolDecisions(strategy: StrategyName, row: StrategyRow): readonly Decision[] {
    const universe = this.#opened?.feed.symbols ?? [];
    for (const symbol of universe) this.#symbol(strategy, symbol);
    const decisions = [...row.symbols].map(([symbol, { decided, rank, traded, observed, steps }]): Decision => {
      const all = decided ? steps : [...steps, this.#undecided(row, steps)];
      const ended = all.at(-1) ?? this.#endOf(row);
      return { strategy, symbol, rank, traded, ended, observed, steps: all };
    });
    return decisions.sort((a, b) => (a.rank ?? Infinity) - (b.rank ?? Infinity) || (a.symbol < b.symbol ? -1 : 1));
  }

  /** Nothing of this symbol was decided: what ended its strategy is the reason. */
  #undecided(row: StrategyRow, steps: readonly DecisionStep[]): DecisionStep {
    const end = this.#endOf(row);
    if (steps.length > 0) return { ...end, code: 'UNDECIDED', figures: { strategy: end.code, ...end.figures } };
    const unlisted = row.ranked ? 'NOT_LISTED' : row.started === undefined ? end.code : 'NOT_RANKED';
    return {
      ...end,
      code: unlisted,
      figures: unlisted === end.code ? end.figures : { strategy: end.code, ...end.figures },
    };
  }
}
