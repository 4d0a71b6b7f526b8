import type { Figures, StrategyName } from '../../events/names.js';
import { withoutCredentials } from '../../kernel/credentials.js';
import { MINUTE_MS, type Clock, type EpochMs } from '../../kernel/time.js';
import type { Alerts } from '../../ports/alerts.js';
import { STREAMS } from '../../events/streams.js';
import type { EventAppender } from '../journal/event-appender.js';
import { classify, tracebackOf, type ErrorFact } from './classify.js';
import { errorRecorded } from '../../events/error-recorded.js';

export interface ErrorContext {
  readonly strategy?: StrategyName;
  /** Code of the broker concerned. */
  readonly broker?: string;
  /** Related ids and figures; texts are sanitized here. */
  readonly context?: Readonly<Record<string, string | number | boolean>>;
  /** True for an uncaught error: the stack is kept in any case (RUN-41). */
  readonly uncaught?: boolean;
  readonly correlationId?: string;
}

export interface ErrorHandlerParts {
  readonly appender: Pick<EventAppender, 'append'>;
  readonly clock: Clock;
  readonly alerts: Alerts;
  /** Called with an error that could not be journaled, and its stack; must not throw. */
  readonly lastResort: (fact: ErrorFact, traceback: string) => void;
}

/** Repeats within this time are only counted: a failing call in a loop must not fill the journal. */
const QUIET_MS = MINUTE_MS;
const MOST_KEYS = 200;
const LONGEST_VALUE = 200;
const MOST_FIGURES = 20;

interface Reported {
  at: EpochMs;
  repeats: number;
}

/** The one error handler (RUN-40): classifies, records without secrets, alerts on critical ones. Never throws. */
export class ErrorHandler {
  readonly #reported = new Map<string, Reported>();

  constructor(private readonly parts: ErrorHandlerParts) {}

  async handle(thrown: unknown, context: ErrorContext = {}): Promise<ErrorFact> {
    const fact = classify(thrown);
    const repeats = this.#quiet(fact, context);
    if (repeats === undefined) return fact;
    const traceback = context.uncaught === true ? tracebackOf(thrown) : fact.traceback;
    try {
      await this.#record({ ...fact, traceback }, context, repeats);
    } catch {
      this.parts.lastResort(fact, tracebackOf(thrown));
    }
    if (fact.severity === 'critical') {
      const { clock, alerts } = this.parts;
      alerts.raise({ at: clock.now(), severity: 'critical', code: fact.errorCode, message: fact.message });
    }
    return fact;
  }

  /** Undefined while the error was just reported; otherwise the number of repeats since. */
  #quiet({ errorCode, message }: ErrorFact, { strategy }: ErrorContext): number | undefined {
    const now = this.parts.clock.now();
    const key = `${errorCode}/${strategy ?? ''}/${message}`;
    const before = this.#reported.get(key);
    if (before !== undefined && now - before.at < QUIET_MS) {
      before.repeats += 1;
      return undefined;
    }
    if (this.#reported.size >= MOST_KEYS) this.#forgetOldest();
    this.#reported.delete(key);
    this.#reported.set(key, { at: now, repeats: 0 });
    return before?.repeats ?? 0;
  }

  #forgetOldest(): void {
    const [oldest] = this.#reported.keys();
    if (oldest !== undefined) this.#reported.delete(oldest);
  }

  async #record(fact: ErrorFact, context: ErrorContext, repeats: number): Promise<void> {
    const figures = figuresOf(context.context ?? {});
    await this.parts.appender.append(STREAMS.errors, [
      errorRecorded(
        {
          errorType: fact.errorType,
          errorCode: fact.errorCode,
          message: fact.message,
          strategy: context.strategy ?? null,
          broker: context.broker ?? null,
          context: repeats === 0 ? figures : { ...figures, repeats: String(repeats) },
          traceback: fact.traceback,
        },
        { correlationId: context.correlationId ?? 'errors', causationId: null },
      ),
    ]);
  }
}

function figuresOf(context: Readonly<Record<string, string | number | boolean>>): Figures {
  const entries = Object.entries(context).slice(0, MOST_FIGURES);
  return Object.fromEntries(entries.map(([name, value]) => [name, withoutCredentials(String(value), LONGEST_VALUE)]));
}
