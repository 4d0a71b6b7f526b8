import { GATEWAY_READ_ONLY, READ_ONLY_REMEDY } from '../../domain/orders/account-refusals.js';
import { brokerError, networkError, type TradeBotError } from '../../kernel/errors.js';
import { RunningTimer } from '../clock/running-timer.js';
import { errorCodeOf } from './error-codes.js';
import type { WriteRequest } from './gateway-session.js';
import type { GatewayMessage } from './messages.js';

/** A question to the gateway and how its answer is read. */
export interface Question<T> {
  /** For messages: "the positions". */
  readonly what: string;
  readonly ask: (id: number) => WriteRequest;
  /** What ends a subscription when the answer is there, or is not waited for any more. */
  readonly stop?: (id: number) => WriteRequest;
  /** The answer, once this message completes it. */
  readonly take: (message: GatewayMessage, id: number) => { readonly answer: T } | undefined;
  /** The answer that an error with the id of the question stands for; undefined when it is a failure. */
  readonly onError?: (code: number) => { readonly answer: T } | undefined;
  /** Answers carry no id: an error without one may be about this question. */
  readonly withoutId?: boolean;
}

/** Ids of questions, far from those of orders, so that an error about one never touches the other. */
export const FIRST_QUESTION_ID = 1_500_000_000;
const LAST_QUESTION_ID = 2_000_000_000;
/** Codes below these are about a connection or a farm, or a warning: not about a question. */
const NOTICES: ReadonlySet<number> = new Set([399, 10090, 10167, 10197]);

interface Pending {
  readonly id: number;
  readonly offer: (message: GatewayMessage) => boolean;
  readonly fail: (error: Error) => void;
  readonly error: (code: number, text: string) => void;
  readonly withoutId: boolean;
}

export function isNotice(code: number): boolean {
  return (code >= 2_100 && code < 3_000) || (code >= 1_100 && code < 1_400) || NOTICES.has(code);
}

/** Questions that wait for their answer. An answer that does not come is unknown, never empty. */
export class Questions {
  readonly #pending = new Map<number, Pending>();
  #nextId = FIRST_QUESTION_ID;

  constructor(
    private readonly send: (urgency: 'urgent' | 'plain', write: WriteRequest) => Promise<void>,
    private readonly limitMs: number,
  ) {}

  nextId(): number {
    this.#nextId = this.#nextId >= LAST_QUESTION_ID ? FIRST_QUESTION_ID : this.#nextId + 1;
    return this.#nextId;
  }

  /** @throws NetworkError (retry) without an answer in time or without a connection; BrokerError (refuse) on an error. */
  ask<T>(question: Question<T>, limitMs = this.limitMs): Promise<T> {
    const id = this.nextId();
    return new Promise<T>((resolve, reject) => {
      const timer = new RunningTimer(limitMs, () => fail(noAnswer(question.what, limitMs)));
      const end = (): void => {
        timer.cancel();
        this.#pending.delete(id);
        if (question.stop !== undefined) this.send('plain', question.stop(id)).catch(() => undefined);
      };
      const fail = (error: Error): void => {
        end();
        reject(error);
      };
      const done = (found: { readonly answer: T } | undefined): boolean => {
        if (found === undefined) return false;
        end();
        resolve(found.answer);
        return true;
      };
      this.#pending.set(id, {
        id,
        offer: (message) => {
          try {
            return done(question.take(message, id));
          } catch (error) {
            fail(error instanceof Error ? error : noAnswer(question.what, limitMs));
            return true;
          }
        },
        fail,
        error: (code, text) => {
          if (!done(question.onError?.(code))) fail(refusedQuestion(question.what, code, text));
        },
        withoutId: question.withoutId === true,
      });
      this.send('plain', question.ask(id)).catch((error: unknown) => {
        if (this.#pending.has(id)) fail(error instanceof Error ? error : noAnswer(question.what, limitMs));
      });
    });
  }

  /** Hands a message to the questions; true when an error was about one of them. */
  offer(message: GatewayMessage): boolean {
    if (message.kind === 'error') return this.#error(message.id, message.code, message.text);
    for (const pending of [...this.#pending.values()]) pending.offer(message);
    return false;
  }

  /** The connection has ended: nothing is answered any more. */
  failAll(error: Error): void {
    for (const pending of [...this.#pending.values()]) pending.fail(error);
  }

  #error(id: number, code: number, text: string): boolean {
    if (isNotice(code)) return id >= FIRST_QUESTION_ID;
    if (id >= FIRST_QUESTION_ID) {
      this.#pending.get(id)?.error(code, text);
      return true;
    }
    if (id !== -1) return false;
    for (const pending of [...this.#pending.values()]) if (pending.withoutId) pending.error(code, text);
    return false;
  }
}

function noAnswer(what: string, limitMs: number): TradeBotError {
  return networkError('retry', {
    code: 'NO_ANSWER',
    message: `the gateway did not answer within ${limitMs / 1_000} s when asked for ${what}: it is unknown, not empty`,
    remedy: 'It is asked again. Check TWS or IB Gateway when this repeats.',
  });
}

function refusedQuestion(what: string, code: number, text: string): TradeBotError {
  const known = errorCodeOf(code, text);
  return brokerError('refuse', {
    code: known,
    message: `the gateway refused the question for ${what}: ${text.slice(0, 300)} (${code})`,
    remedy:
      known === GATEWAY_READ_ONLY
        ? READ_ONLY_REMEDY
        : 'Look the code up in the list of message codes of Interactive Brokers.',
  });
}
