import { STREAMS } from '../../events/streams.js';
import type { EventType, Position, RecordedEvent } from '../../events/event.js';
import type { DateText } from '../../kernel/time.js';
import type { Journal } from '../../ports/journal.js';

/** A signal or fill at a price. */
export interface ChartMark {
  readonly kind: 'signal' | 'entry' | 'exit';
  readonly at: string;
  readonly price: string;
  /** Shares of a fill; null for a signal. */
  readonly quantity: string | null;
  readonly side: string;
  readonly strategy: string;
  /** Order of a fill; null for a signal. */
  readonly clientOrderId: string | null;
  readonly eventId: string;
}

/** A stop from a moment on; null ends it. */
export interface ChartStop {
  readonly at: string;
  readonly stop: string | null;
  readonly strategy: string;
  readonly eventId: string;
}

/** The range that a strategy measures after its start, by the figures that its decisions name. */
export interface ChartRange {
  readonly from: string;
  readonly to: string;
  readonly high: string;
  readonly low: string;
  readonly eventId: string;
}

/** What the bot did with a symbol in a session. */
export interface ChartMarks {
  readonly marks: readonly ChartMark[];
  readonly stops: readonly ChartStop[];
  readonly range: ChartRange | null;
}

const TYPES = [
  ...(['SessionOpened', 'SessionClosed', 'StrategyStarted', 'SignalTriggered', 'CandidateRejected'] as const),
  ...(['EnhancementBlocked', 'OrderFilled', 'TrailingStopMoved', 'PositionClosed'] as const),
] satisfies readonly EventType[];
const PAGE = 1_000;

/** The marks of a symbol from the opening of its session to the next one, or to a position. */
export async function chartMarks(
  journal: Pick<Journal, 'readAll' | 'readStream'>,
  { date, symbol, upTo }: { readonly date: DateText; readonly symbol: string; readonly upTo: Position | undefined },
): Promise<ChartMarks> {
  const fold = new MarksFold(symbol);
  const [opened] = await journal.readStream(STREAMS.session(date), { limit: 1 });
  let after = opened?.position;
  while (after !== undefined) {
    const events: readonly RecordedEvent[] = await journal.readAll({ limit: PAGE, after, filter: { types: TYPES } });
    for (const event of events) {
      const over = event.type === 'SessionOpened' || (upTo !== undefined && event.position > upTo);
      if (over) return fold.result();
      fold.take(event);
    }
    after = events.length < PAGE ? undefined : events.at(-1)?.position;
  }
  return fold.result();
}

class MarksFold {
  readonly #marks: ChartMark[] = [];
  readonly #stops: ChartStop[] = [];
  #range: ChartRange | undefined;
  /** When each strategy measured. */
  readonly #analysis = new Map<string, { readonly from: string; readonly to: string }>();

  constructor(private readonly symbol: string) {}

  take(event: RecordedEvent): void {
    const { id: eventId, occurredAt: at } = event;
    if (event.type === 'StrategyStarted') {
      const { strategy, analysisFrom: from, breakoutFrom: to } = event.data;
      this.#analysis.set(strategy, { from, to });
    }
    if (!('symbol' in event.data) || event.data.symbol !== this.symbol) return;
    this.#takeRange(event);
    if (event.type === 'SignalTriggered') {
      const { price, side, strategy } = event.data;
      this.#marks.push({ kind: 'signal', at, price, quantity: null, side, strategy, clientOrderId: null, eventId });
    } else if (event.type === 'OrderFilled') {
      const { price, quantity, side, strategy, clientOrderId, positionEffect, filledAt } = event.data;
      const kind = positionEffect.startsWith('open') ? 'entry' : 'exit';
      this.#marks.push({ kind, at: filledAt, price, quantity, side, strategy, clientOrderId, eventId });
    } else if (event.type === 'TrailingStopMoved') {
      this.#stops.push({ at, stop: event.data.stop, strategy: event.data.strategy, eventId });
    } else if (event.type === 'PositionClosed') {
      this.#stops.push({ at: event.data.exitAt, stop: null, strategy: event.data.strategy, eventId });
    }
  }

  result(): ChartMarks {
    return { marks: this.#marks, stops: this.#stops, range: this.#range ?? null };
  }

  /** The figures of a decision have the range that it was made with. */
  #takeRange({ id: eventId, data }: RecordedEvent): void {
    if (this.#range !== undefined || !('figures' in data) || !('strategy' in data)) return;
    const { rangeHigh: high, rangeLow: low } = data.figures as Readonly<Record<string, string>>;
    const measured = this.#analysis.get(String(data.strategy));
    if (high !== undefined && low !== undefined && measured !== undefined)
      this.#range = { ...measured, high, low, eventId };
  }
}
