import { TradeBotError } from '../../kernel/errors.js';
import type { Sample } from '../../domain/watchdog/watch.js';
import type { Stopwatch } from '../../ports/stopwatch.js';

/** Only younger calls count: a recovered broker is soon healthy again. Milliseconds. */
const WINDOW_MS = 20_000;
/** Maximum number of remembered calls; a busy minute has fewer. */
const MOST_CALLS = 500;
/**
 * Codes of calls that a rule of ours held back, or that the broker answered: they say nothing about whether it responds. An outage
 * would hold every order, also those that close.
 */
const NO_OUTAGE: readonly string[] = [
  'RATE_BUDGET_SPENT',
  'RATE_LIMITED',
  'ORDER_NOT_SHOWN_YET',
  'ORDER_UNDER_WAY',
  'OPPOSITE_ORDER_OPEN',
  'STREAM_DOWN',
];
/** With fewer calls than this a single failure is not significant. */
const FEW_CALLS = 3;

interface Call {
  readonly startedAt: number;
  /** Of its time, what it may wait on purpose. */
  readonly onPurposeMs: number;
  endedAt: number | undefined;
  failed: boolean;
}

/** Measures the broker's answers, on every call that the bot makes and on the watchdog's probes (TRD-43). */
export class BrokerMeter {
  #calls: Call[] = [];
  #cutSince: number | undefined;

  constructor(private readonly stopwatch: Stopwatch) {}

  /**
   * Measures a call; its result and its error pass through unchanged. The first `onPurposeMs` milliseconds may be a wait of our own:
   * only the time after them counts as that of the broker.
   */
  async measure<T>(call: () => Promise<T>, onPurposeMs = 0): Promise<T> {
    const entry: Call = { startedAt: this.stopwatch.elapsedMs(), onPurposeMs, endedAt: undefined, failed: false };
    this.#calls.push(entry);
    if (this.#calls.length > MOST_CALLS) this.#calls.shift();
    try {
      return await call();
    } catch (error) {
      entry.failed = isNoAnswer(error);
      throw error;
    } finally {
      entry.endedAt = this.stopwatch.elapsedMs();
    }
  }

  streamIs(state: 'connected' | 'disconnected'): void {
    if (state === 'connected') this.#cutSince = undefined;
    else this.#cutSince ??= this.stopwatch.elapsedMs();
  }

  /** The slowest answer, including pending ones; the share of calls without answer; the gap of the stream. */
  sample(): Sample {
    const now = this.stopwatch.elapsedMs();
    this.#calls = this.#calls.filter(({ endedAt }) => endedAt === undefined || now - endedAt < WINDOW_MS);
    const streamGapS = this.#cutSince === undefined ? 0 : (now - this.#cutSince) / 1_000;
    if (this.#calls.length === 0) return { streamGapS };
    const failures = this.#calls.filter(({ failed }) => failed).length;
    const answerMs = ({ startedAt, endedAt, onPurposeMs }: Call): number => (endedAt ?? now) - startedAt - onPurposeMs;
    return {
      latencyMs: Math.max(0, ...this.#calls.map(answerMs)),
      errorPct: (100 * failures) / Math.max(FEW_CALLS, this.#calls.length),
      streamGapS,
    };
  }
}

/** A refusal is an answer; silence and a broken connection are not. */
function isNoAnswer(error: unknown): boolean {
  if (!(error instanceof TradeBotError)) return true;
  if (NO_OUTAGE.includes(error.code)) return false;
  return error.callerMust === 'retry' || error.callerMust === 'reconcile';
}
