import {
  brokerDayFault,
  calendarDifference,
  holidaysBetween,
  KnownExchange,
} from '../../domain/calendar/broker-day.js';
import type { BrokerDay } from '../../domain/calendar/broker-day.js';
import { exchangeDateOf, type ExchangeSession } from '../../domain/calendar/nyse.js';
import { errorRecorded } from '../../events/error-recorded.js';
import type { RecordedEvent } from '../../events/event.js';
import { STREAMS } from '../../events/streams.js';
import { withoutCredentials } from '../../kernel/credentials.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import { closesLeftovers } from '../../domain/session/trading-permissions.js';
import { MINUTE_MS, plusMs, SECOND_MS, type DateText, type EpochMs } from '../../kernel/time.js';
import type { Pacer } from '../../ports/pacer.js';
import type { ReferenceData } from '../../ports/reference-data.js';
import { classify } from '../errors/classify.js';
import type { EventAppender } from '../journal/event-appender.js';

export interface ExchangeDaysDeps {
  readonly broker: Pick<ReferenceData, 'calendar'>;
  readonly appender: Pick<EventAppender, 'decide'>;
  readonly pacer: Pacer;
  /** Whether the journal has an error of this key already: an earlier process reported it. */
  readonly isReported: (key: string) => boolean;
  /** Resolves when a command comes that may not wait. */
  readonly urgent: () => Promise<void>;
}

/** A question to the broker about one day. */
interface Asked {
  answer: BrokerDay | undefined;
  /** Why there is no answer; undefined while one may still come. */
  fault: string | undefined;
  /** When the fault came, by the clock of the pacer that only goes forwards. */
  failedAtMs: number;
  reported: boolean;
  /** It was awaited in full, once: a late answer wakes the loop. */
  isSilent: boolean;
}

/** Closing what is left waits no longer for the calendar: orders show as well that an exchange is closed. */
const CLOSING_WAIT_SECONDS = 2;
/** A refused question is repeated after this long. */
const ASK_AGAIN_MS = MINUTE_MS;
const MOST_DAYS = 30;
const LONGEST_REASON = 200;
/** Event-loop turns that a broker in this process needs to answer. */
const QUICK_TURNS = 8;

/**
 * The days of the exchange by the broker's calendar, where it has one that answers in time, else by the embedded one. What
 * differs is reported, once for each day.
 */
export class ExchangeDays {
  readonly known = new KnownExchange((date) => this.#asked.get(date)?.answer);
  readonly #asked = new Map<DateText, Asked>();

  constructor(private readonly deps: ExchangeDaysDeps) {}

  /** What is known, for a decision now. */
  get atNow(): { readonly now: EpochMs; readonly exchange: KnownExchange } {
    return { now: this.deps.pacer.now(), exchange: this.known };
  }

  /** Asks for a day before its session, for some seconds; false when a command interrupted the wait. */
  async ask(date: DateText, seconds: number): Promise<boolean> {
    const asked = this.#askOnce(date);
    if (asked === undefined) return true;
    if (asked.isSilent) return true;
    const waited = await this.#wait(asked, seconds * SECOND_MS);
    if (waited === 'interrupted') return false;
    if (waited === 'silent') {
      asked.isSilent = true;
      await this.#report(date, `it did not answer within ${seconds} s`);
    }
    await this.#reportAnswers();
    return true;
  }

  /** Reports late answers, and asks for today when positions are to be closed outside a session; a command ends the wait. */
  async askToClose(state: EngineState): Promise<void> {
    await this.#reportAnswers();
    if (closesLeftovers(state)) await this.ask(exchangeDateOf(this.deps.pacer.now()), CLOSING_WAIT_SECONDS);
  }

  /** Asks for the holidays before the next session: a broker that trades on them is reported. */
  async askHolidays(next: ExchangeSession | undefined, seconds: number): Promise<void> {
    const from = exchangeDateOf(this.deps.pacer.now());
    for (const date of next === undefined ? [] : holidaysBetween(from, next.date)) {
      if (!(await this.ask(date, seconds))) return;
    }
  }

  async #reportAnswers(): Promise<void> {
    for (const [date, asked] of this.#asked) {
      if (asked.reported) continue;
      const { answer, fault } = asked;
      if (answer === undefined && fault === undefined) continue;
      asked.reported = true;
      if (fault !== undefined) await this.#report(date, fault);
      const differs = answer === undefined ? undefined : calendarDifference(date, answer);
      if (differs === undefined) continue;
      const message = `${differs}. ${DIFFERS_REMEDY}`;
      await this.#record(date, 'EXCHANGE_HOURS_DIFFER', message, `hours-differ/${date}/${differs}`);
    }
  }

  /** One question for each day; undefined when the broker has no calendar. */
  #askOnce(date: DateText): Asked | undefined {
    const { broker, pacer } = this.deps;
    if (broker.calendar === undefined) return undefined;
    const before = this.#asked.get(date);
    const isOld = before?.fault !== undefined && pacer.elapsedMs() >= before.failedAtMs + ASK_AGAIN_MS;
    if (before !== undefined && !isOld) return before;
    const asked: Asked = {
      answer: undefined,
      fault: undefined,
      failedAtMs: 0,
      reported: before?.reported ?? false,
      isSilent: false,
    };
    this.#remember(date, asked);
    void this.#call(date, asked);
    return asked;
  }

  async #call(date: DateText, asked: Asked): Promise<void> {
    try {
      const day = await this.deps.broker.calendar?.(date);
      const fault = day === undefined ? 'it has no calendar' : brokerDayFault(date, day);
      if (fault === undefined && day !== undefined) {
        asked.answer = day.kind === 'closed' ? { ...day, reason: reasonOf(day.reason) } : day;
        asked.reported = false;
      } else asked.fault = fault;
    } catch (error) {
      asked.fault = classify(error).message;
    }
    if (asked.fault !== undefined) asked.failedAtMs = this.deps.pacer.elapsedMs();
    this.deps.pacer.wake();
  }

  #remember(date: DateText, asked: Asked): void {
    this.#asked.delete(date);
    this.#asked.set(date, asked);
    for (const oldest of this.#asked.keys()) {
      if (this.#asked.size <= MOST_DAYS) break;
      this.#asked.delete(oldest);
    }
  }

  async #wait(asked: Asked, limitMs: number): Promise<'answered' | 'silent' | 'interrupted'> {
    const { pacer, urgent } = this.deps;
    const isAnswered = (): boolean => asked.answer !== undefined || asked.fault !== undefined;
    for (let turn = 0; turn < QUICK_TURNS && !isAnswered(); turn += 1) await Promise.resolve();
    const seen = { urgent: false };
    void urgent().then(() => (seen.urgent = true));
    const endMs = pacer.elapsedMs() + limitMs;
    while (!isAnswered()) {
      const leftMs = Math.ceil(endMs - pacer.elapsedMs());
      if (leftMs <= 0) return 'silent';
      await pacer.until(plusMs(pacer.now(), leftMs));
      if (seen.urgent && !isAnswered()) return 'interrupted';
    }
    return 'answered';
  }

  async #report(date: DateText, fault: string): Promise<void> {
    const text = `the broker's calendar cannot be used for ${date}, so the embedded calendar counts: ${fault}`;
    // why it cannot be used may differ from one process to the next: once for each day is enough
    await this.#record(date, 'BROKER_CALENDAR_UNKNOWN', `${text}. ${UNKNOWN_REMEDY}`, `calendar-unknown/${date}`);
  }

  /** Not again by a process that starts on the same day and meets the same. */
  async #record(date: DateText, errorCode: string, message: string, key: string): Promise<void> {
    if (this.deps.isReported(key)) return;
    const draft = errorRecorded(
      { errorType: 'BrokerError', errorCode, message, context: { key } },
      { correlationId: `session/${date}`, causationId: null },
    );
    const isKnown = (last: RecordedEvent | undefined): boolean =>
      last?.type === 'ErrorRecorded' && last.data.errorCode === errorCode && last.data.message === message;
    await this.deps.appender.decide(STREAMS.errors, (last) => (isKnown(last) ? [] : [draft]));
  }
}

const DIFFERS_REMEDY =
  'Compare both with the notices of the exchange; nothing has to be done when the broker is right.';
const UNKNOWN_REMEDY = 'Check the connection to the broker and its status page.';

/** The broker's reason as one short line. */
function reasonOf(text: string): string {
  const line = withoutCredentials(text, LONGEST_REASON)
    .replace(/\p{Cc}+/gu, ' ')
    .trim();
  return line === '' ? 'no reason given' : line;
}
