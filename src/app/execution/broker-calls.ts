import { invariant } from '../../kernel/errors.js';
import { plusMs, type EpochMs } from '../../kernel/time.js';
import type { Pacer } from '../../ports/pacer.js';

export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown };

/** The handling of a call: its answer, whenever it comes, and the action when it is no longer awaited. */
export interface CallOutcome<T> {
  readonly take: (answer: Answer<T>) => Promise<void>;
  readonly gaveUp: () => Promise<void>;
}

export interface BrokerCall<T> extends CallOutcome<T> {
  readonly work: () => Promise<T>;
}

/** How the engine waits for its broker. */
export interface BrokerCalls {
  /** Calls are sent without waiting (a kill): the engine records them as pending. */
  readonly abandonsPending: boolean;
  call<T>(call: BrokerCall<T>): Promise<void>;
  /** Sends a call that nothing waits for: its answer is handled when it comes. */
  post<T>(call: Omit<BrokerCall<T>, 'gaveUp'>): Promise<void>;
  /** Independent calls. Answers are handled in the order of the calls, whichever comes first. */
  all<T>(calls: readonly BrokerCall<T>[]): Promise<void>;
}

async function answerOf<T>(work: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, error };
  }
}

/** Makes a call; whether it was answered in the time that is waited for it. */
export async function isAnswered<T>(calls: BrokerCalls, call: BrokerCall<T>): Promise<boolean> {
  let isOk = false;
  const take = async (answer: Answer<T>): Promise<void> => {
    isOk = answer.ok;
    await call.take(answer);
  };
  await calls.call({ ...call, take });
  return isOk;
}

/** Simulated days: every answer is awaited, and nothing else happens meanwhile. */
export const waitingCalls: BrokerCalls = {
  abandonsPending: false,
  call: async ({ work, take }) => take(await answerOf(work)),
  post: async ({ work, take }) => take(await answerOf(work)),
  all: async (calls) => {
    for (const { work, take } of calls) await take(await answerOf(work));
  },
};

/** More calls than this without an answer: the broker is unreachable, and no further call is made. */
const MAX_UNANSWERED = 1_000;
/** Event-loop turns that a broker in this process needs to answer. */
const QUICK_TURNS = 8;
/** Brokers limit the request rate. */
const MOST_AT_ONCE = 8;

/** A call that was sent. */
interface Begun<T> {
  readonly outcome: CallOutcome<T>;
  readonly until: EpochMs;
  answer: Answer<T> | undefined;
  waited: boolean;
  answered: Promise<void>;
}

export interface LiveCallsOptions {
  readonly pacer: Pacer;
  /** How long to wait for an answer, in milliseconds of the pacer. */
  readonly timeoutMs: () => number;
}

/**
 * Live: waits for an answer until it comes, until the timeout, or until a kill. Later answers are kept in order for
 * `takeLate`, which the pacer is woken for.
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

  /** Waits for answers again. */
  resume(): void {
    this.#abandonsPending = false;
  }

  get hasLate(): boolean {
    return this.#late.length > 0;
  }

  /** Pending calls that are no longer awaited. */
  get unanswered(): number {
    return this.#unanswered;
  }

  /** Handles the late answers; `before` is awaited before each of them. */
  async takeLate(before?: () => Promise<void>): Promise<void> {
    while (this.hasLate) {
      await before?.();
      await this.#late.shift()?.();
    }
  }

  async call<T>(call: BrokerCall<T>): Promise<void> {
    await this.#finish(this.#begin(call));
  }

  /** A broker in this process answers at once; the answer of another one comes late. */
  async post<T>({ work, take }: Omit<BrokerCall<T>, 'gaveUp'>): Promise<void> {
    const posted = this.#begin({ work, take, gaveUp: () => Promise.resolve() });
    for (let turn = 0; turn < QUICK_TURNS && posted.answer === undefined; turn += 1) await Promise.resolve();
    if (posted.answer === undefined) this.#leave(posted);
    else await take(posted.answer);
  }

  /** A few calls at once, so that a slow broker delays all of them once. */
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
    this.#leave(call);
    await call.outcome.gaveUp();
  }

  #leave<T>(call: Begun<T>): void {
    call.waited = false;
    this.#unanswered += 1;
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
