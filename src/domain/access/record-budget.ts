import { DAY_MS, type EpochMs, MINUTE_MS, plusMs } from '../../kernel/time.js';

export interface BudgetRule {
  /** Refusals of one kind that are recorded one by one within a window. */
  readonly each: number;
  readonly windowMs: number;
  /** Refusals of all kinds that are recorded one by one within a day. */
  readonly aDay: number;
  /** Shortest time between two records of a count. */
  readonly countEveryMs: number;
}

/** Refusals that strangers cause. */
export const STRANGERS: BudgetRule = {
  each: 3,
  windowMs: 15 * MINUTE_MS,
  aDay: 300,
  countEveryMs: 60 * MINUTE_MS,
};

/** Refusals of one user who is logged in, or of one known device. */
export const ONE_USER: BudgetRule = {
  each: 10,
  windowMs: 15 * MINUTE_MS,
  aDay: 200,
  countEveryMs: 60 * MINUTE_MS,
};

/** Refusals that were not recorded one by one. */
export interface Unrecorded {
  readonly since: EpochMs;
  readonly until: EpochMs;
  readonly count: number;
  /** The limit of the day was reached, not only the limit of one kind. */
  readonly dayLimitReached: boolean;
}

const MOST_KINDS = 1_000;

interface Window {
  readonly since: EpochMs;
  count: number;
}

/**
 * Decides which refusals are recorded one by one; the others are counted. Bounded in memory, and so is what is recorded in
 * a day: `aDay` refusals and one count in each `countEveryMs`.
 */
export class RecordBudget {
  readonly #windows = new Map<string, Window>();
  #day: Window | undefined;
  #unrecorded: { since: EpochMs; until: EpochMs; count: number; dayLimitReached: boolean } | undefined;

  constructor(private readonly rule: BudgetRule) {}

  /** True when this refusal is recorded one by one. */
  take(kind: string, now: EpochMs): boolean {
    const day = this.#dayAt(now);
    const dayLimitReached = day.count >= this.rule.aDay;
    const window = this.#windowOf(kind, now);
    if (!dayLimitReached && window.count < this.rule.each) {
      window.count += 1;
      day.count += 1;
      return true;
    }
    this.count(now, dayLimitReached);
    return false;
  }

  /** Counts a refusal that is not recorded one by one in any case. */
  count(now: EpochMs, dayLimitReached = false): void {
    this.#unrecorded ??= { since: now, until: now, count: 0, dayLimitReached: false };
    this.#unrecorded.until = now;
    this.#unrecorded.count += 1;
    this.#unrecorded.dayLimitReached ||= dayLimitReached;
  }

  /** The count that is to be recorded now, if there is one. `atOnce`: the program ends. */
  due(now: EpochMs, atOnce = false): Unrecorded | undefined {
    const found = this.#unrecorded;
    if (found === undefined) return undefined;
    if (!atOnce && isWithin(found.since, this.rule.countEveryMs, now)) return undefined;
    this.#unrecorded = undefined;
    return found;
  }

  #dayAt(now: EpochMs): Window {
    if (this.#day === undefined || !isWithin(this.#day.since, DAY_MS, now)) this.#day = { since: now, count: 0 };
    return this.#day;
  }

  #windowOf(kind: string, now: EpochMs): Window {
    const found = this.#windows.get(kind);
    if (found !== undefined && isWithin(found.since, this.rule.windowMs, now)) return found;
    const fresh = { since: now, count: 0 };
    this.#windows.delete(kind);
    this.#windows.set(kind, fresh);
    const oldest = this.#windows.keys().next().value;
    if (this.#windows.size > MOST_KINDS && oldest !== undefined) this.#windows.delete(oldest);
    return fresh;
  }
}

/** A beginning that a clock ahead had set is over. */
function isWithin(since: EpochMs, lastsMs: number, now: EpochMs): boolean {
  return now >= since && now < plusMs(since, lastsMs);
}
