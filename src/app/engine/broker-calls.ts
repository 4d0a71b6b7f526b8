import { invariant } from '../../kernel/errors.js';
import { plusMs } from '../../kernel/time.js';
import type { Pacer } from '../../ports/pacer.js';

export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown };

/** What becomes of a call: its answer, whenever it comes, and what is done when it is not waited for any longer. */
export interface CallOutcome<T> {
  readonly take: (answer: Answer<T>) => Promise<void>;
  readonly gaveUp: () => Promise<void>;
}

/** How the engine waits for its broker. */
export interface BrokerCalls {
  /** Calls go out without being waited for (a kill): the engine notes them as under way. */
  readonly hurried: boolean;
  call<T>(work: () => Promise<T>, outcome: CallOutcome<T>): Promise<void>;
}

async function answerOf<T>(work: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, error };
  }
}

/** Simulated days: every answer is waited for, and nothing else happens meanwhile. */
export const PATIENT_CALLS: BrokerCalls = {
  hurried: false,
  call: async (work, { take }) => take(await answerOf(work)),
};

/** More calls than this without an answer: the broker is not there at all, and nothing more is asked of it. */
const MAX_UNANSWERED = 1_000;
/** Turns that a broker in this very process needs to answer. */
const QUICK_TURNS = 8;

export interface LiveCallsOptions {
  readonly pacer: Pacer;
  /** How long an answer is waited for, in milliseconds of the pacer. */
  readonly patienceMs: () => number;
}

/**
 * Live: an answer is waited for until it comes, until patience ends, or until a kill comes. What is answered later is
 * kept in order for `takeLate`, and the pacer is woken for it.
 */
export class LiveCalls implements BrokerCalls {
  readonly #late: (() => Promise<void>)[] = [];
  #unanswered = 0;
  #hurried = false;
  #onHurry: () => void = () => undefined;

  constructor(private readonly options: LiveCallsOptions) {}

  get hurried(): boolean {
    return this.#hurried;
  }

  /** Stops waiting, now and from now on. May be called at any time. */
  hurry(): void {
    this.#hurried = true;
    this.#onHurry();
  }

  /** Answers are waited for again. */
  calm(): void {
    this.#hurried = false;
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

  async call<T>(work: () => Promise<T>, { take, gaveUp }: CallOutcome<T>): Promise<void> {
    invariant(this.#unanswered < MAX_UNANSWERED, 'BROKER_SILENT', `${this.#unanswered} calls without an answer`);
    const call: { answer: Answer<T> | undefined; waited: boolean } = { answer: undefined, waited: true };
    const answered = answerOf(work).then((answer) => {
      if (call.waited) call.answer = answer;
      else this.#cameLate(() => take(answer));
    });
    await this.#wait(answered, () => call.answer !== undefined);
    if (call.answer !== undefined) {
      await take(call.answer);
      return;
    }
    call.waited = false;
    this.#unanswered += 1;
    await gaveUp();
  }

  #cameLate(take: () => Promise<void>): void {
    this.#unanswered -= 1;
    this.#late.push(take);
    this.options.pacer.wake();
  }

  async #wait(answered: Promise<void>, isAnswered: () => boolean): Promise<void> {
    const isHurried = (): boolean => this.#hurried;
    if (isHurried()) return;
    for (let turn = 0; turn < QUICK_TURNS && !isAnswered(); turn += 1) await Promise.resolve();
    if (isAnswered()) return;
    const { pacer, patienceMs } = this.options;
    const until = plusMs(pacer.now(), patienceMs());
    this.#onHurry = () => pacer.wake();
    void answered.then(() => pacer.wake());
    try {
      while (!isHurried() && !isAnswered() && pacer.now() < until) await pacer.until(until);
    } finally {
      this.#onHurry = () => undefined;
    }
  }
}
