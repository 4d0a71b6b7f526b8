import { invariant } from '../../kernel/errors.js';
import { plusMs, type EpochMs } from '../../kernel/time.js';
import type { Pacer } from '../../ports/pacer.js';

export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown };

/** What becomes of a call: its answer, whenever it comes, and what is done when it is not waited for any longer. */
export interface CallOutcome<T> {
  readonly take: (answer: Answer<T>) => Promise<void>;
  readonly gaveUp: () => Promise<void>;
}

export interface BrokerCall<T> extends CallOutcome<T> {
  readonly work: () => Promise<T>;
}

/** How the engine waits for its broker. */
export interface BrokerCalls {
  /** Calls go out without being waited for (a kill): the engine notes them as under way. */
  readonly abandonsPending: boolean;
  call<T>(call: BrokerCall<T>): Promise<void>;
  /** Calls that do not depend on one another. Answers are taken in the order of the calls, whichever comes first. */
  all<T>(calls: readonly BrokerCall<T>[]): Promise<void>;
}

async function answerOf<T>(work: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, error };
  }
}

/** Simulated days: every answer is waited for, and nothing else happens meanwhile. */
export const waitingCalls: BrokerCalls = {
  abandonsPending: false,
  call: async ({ work, take }) => take(await answerOf(work)),
  all: async (calls) => {
    for (const { work, take } of calls) await take(await answerOf(work));
  },
};

/** More calls than this without an answer: the broker is not there at all, and nothing more is asked of it. */
const MAX_UNANSWERED = 1_000;
/** Turns that a broker in this very process needs to answer. */
const QUICK_TURNS = 8;
/** Brokers limit how often they are asked. */
const MOST_AT_ONCE = 8;

/** A call that went out. */
interface Begun<T> {
  readonly outcome: CallOutcome<T>;
  readonly until: EpochMs;
  answer: Answer<T> | undefined;
  waited: boolean;
  answered: Promise<void>;
}

export interface LiveCallsOptions {
  readonly pacer: Pacer;
  /** How long an answer is waited for, in milliseconds of the pacer. */
  readonly timeoutMs: () => number;
}

/**
 * Live: an answer is waited for until it comes, until its time is over, or until a kill comes. What is answered later is
 * kept in order for `takeLate`, and the pacer is woken for it.
 */
export class LiveCalls implements BrokerCalls {
  readonly #late: (() => Promise<void>)[] = [];
  #unanswered = 0;
  #abandonsPending = false;
  #onAbandon: () => void = () => undefined;

  constructor(private readonly options: LiveCallsOptions) {}

  get abandonsPending(): boolean {
    return this.#abandonsPending;
  }

  /** Stops waiting, now and from now on. May be called at any time. */
  abandonPending(): void {
    this.#abandonsPending = true;
    this.#onAbandon();
  }

  /** Answers are waited for again. */
  resume(): void {
    this.#abandonsPending = false;
  }

  get hasLate(): boolean {
    return this.#late.length > 0;
  }

  /** Calls that are under way and that nobody waits for. */
  get unanswered(): number {
    return this.#unanswered;
  }

  /** Takes in what was answered since. */
  async takeLate(): Promise<void> {
    for (let next = this.#late.shift(); next !== undefined; next = this.#late.shift()) await next();
  }

  async call<T>(call: BrokerCall<T>): Promise<void> {
    await this.#finish(this.#begin(call));
  }

  /** A few at once, so that a slow broker is waited for once and not for each of them. */
  async all<T>(calls: readonly BrokerCall<T>[]): Promise<void> {
    const begun: Begun<T>[] = [];
    for (const call of calls) {
      begun.push(this.#begin(call));
      if (begun.length === MOST_AT_ONCE) await this.#finishFirst(begun);
    }
    while (begun.length > 0) await this.#finishFirst(begun);
  }

  async #finishFirst<T>(begun: Begun<T>[]): Promise<void> {
    const first = begun.shift();
    if (first !== undefined) await this.#finish(first);
  }

  #begin<T>({ work, take, gaveUp }: BrokerCall<T>): Begun<T> {
    invariant(this.#unanswered < MAX_UNANSWERED, 'BROKER_SILENT', `${this.#unanswered} calls without an answer`);
    const { pacer, timeoutMs } = this.options;
    const until = plusMs(pacer.now(), timeoutMs());
    const call = { outcome: { take, gaveUp }, until, answer: undefined, waited: true, answered: Promise.resolve() };
    return this.#listen(call, answerOf(work));
  }

  #listen<T>(call: Begun<T>, answer: Promise<Answer<T>>): Begun<T> {
    call.answered = answer.then((given) => {
      if (call.waited) call.answer = given;
      else this.#cameLate(() => call.outcome.take(given));
    });
    return call;
  }

  async #finish<T>(call: Begun<T>): Promise<void> {
    await this.#wait(call);
    if (call.answer !== undefined) {
      await call.outcome.take(call.answer);
      return;
    }
    call.waited = false;
    this.#unanswered += 1;
    await call.outcome.gaveUp();
  }

  #cameLate(take: () => Promise<void>): void {
    this.#unanswered -= 1;
    this.#late.push(take);
    this.options.pacer.wake();
  }

  async #wait<T>(call: Begun<T>): Promise<void> {
    const isAbandoned = (): boolean => this.#abandonsPending;
    const isAnswered = (): boolean => call.answer !== undefined;
    if (isAbandoned()) return;
    for (let turn = 0; turn < QUICK_TURNS && !isAnswered(); turn += 1) await Promise.resolve();
    if (isAnswered()) return;
    const { pacer } = this.options;
    this.#onAbandon = () => pacer.wake();
    void call.answered.then(() => pacer.wake());
    try {
      while (!isAbandoned() && !isAnswered() && pacer.now() < call.until) await pacer.until(call.until);
    } finally {
      this.#onAbandon = () => undefined;
    }
  }
}
