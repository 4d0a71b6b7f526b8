import { networkError, type TradeBotError } from '../../kernel/errors.js';
import type { Clock } from '../../kernel/time.js';
import type { BrokerStatus } from '../../ports/broker-connection.js';
import { RunningTimer } from '../clock/running-timer.js';
import { GatewaySession, type GatewayAddress, type SessionLimits, type WriteRequest } from './gateway-session.js';
import type { GatewayMessage } from './messages.js';
import { GATEWAY_PACE, notSent } from './paced-writer.js';
import { isNotice, Questions, type Question } from './questions.js';

/** Limits of the waits of a line, in milliseconds. */
export interface LineLimits extends SessionLimits {
  /** A lost connection is made again after so long, after twice as long, and so on up to the longest pause. */
  readonly retryStepMs: number;
  readonly longestRetryMs: number;
  /** A link to the broker that is not reported back for so long is looked at through a new connection. */
  readonly longestLinkDownMs: number;
}

export const LINE_LIMITS: LineLimits = {
  handshakeMs: 10_000,
  quietMs: 20_000,
  answerMs: 10_000,
  pace: GATEWAY_PACE,
  retryStepMs: 1_000,
  longestRetryMs: 30_000,
  longestLinkDownMs: 300_000,
};

export interface LineUser {
  message(message: GatewayMessage, text: string): void;
  /** A connection is ready: what was missed is read now. The line is reported as connected when this has ended. */
  opened(): Promise<void>;
  /** Orders may have been lost on the way from here on. */
  lost(reason: string): void;
  status(status: BrokerStatus): void;
}

type Link = 'up' | 'down';

const CLIENT_ID_IN_USE = '(326)';

/**
 * The line to TWS or IB Gateway: it is made again without end, each time as a new connection, and counts as connected when the gateway
 * has given an order id, its own link to the broker is up, and what was missed has been read.
 */
export class GatewayLine {
  readonly questions: Questions;
  #session: GatewaySession | undefined;
  #wanted = false;
  #attempts = 0;
  #retry: RunningTimer | undefined;
  #link: Link = 'up';
  #linkDown: RunningTimer | undefined;
  #reported: BrokerStatus['state'] | undefined;
  #waiters: ((error: TradeBotError | undefined) => void)[] = [];
  #opening: symbol | undefined;
  #failure = 'not connected yet';
  #reason = '';

  constructor(
    private readonly address: GatewayAddress,
    private readonly clock: Clock,
    private readonly user: LineUser,
    private readonly limits: LineLimits = LINE_LIMITS,
  ) {
    this.questions = new Questions((urgency, write) => this.send(urgency, write), limits.answerMs);
  }

  /** Whether requests may go out: the gateway is ready and its link to the broker is up. */
  get isUp(): boolean {
    return this.#session?.ready === true && this.#link === 'up';
  }

  get session(): GatewaySession | undefined {
    return this.#session;
  }

  /** Why it is not up. */
  get failure(): string {
    return this.#failure;
  }

  /** Resolves when it is connected. @throws NetworkError (retry) when the next attempt failed; others follow by themselves. */
  open(): Promise<void> {
    this.#wanted = true;
    if (this.#reported === 'connected') return Promise.resolve();
    return new Promise((resolve, reject) => {
      const waiter = (error: TradeBotError | undefined): void => {
        timer.cancel();
        if (error === undefined) resolve();
        else reject(error);
      };
      const timer = new RunningTimer(this.limits.handshakeMs + this.limits.answerMs, () => {
        this.#waiters = this.#waiters.filter((each) => each !== waiter);
        waiter(failedAttempt(this.#failure));
      });
      this.#waiters.push(waiter);
      if (this.#session === undefined) {
        this.#retry?.cancel();
        this.#connect();
      }
    });
  }

  /** Whether it was opened, and is made again when it is lost. */
  get isWanted(): boolean {
    return this.#wanted;
  }

  close(): void {
    this.#wanted = false;
    this.#retry?.cancel();
    this.#session?.end('disconnected by the bot');
    this.#report('disconnected', 'disconnected by the bot');
    this.#settle(notSent('the line was closed'));
  }

  send(urgency: 'urgent' | 'plain', write: WriteRequest): Promise<void> {
    const session = this.#session;
    if (session?.ready !== true) return Promise.reject(notSent(this.#failure));
    return session.send(urgency, write);
  }

  ask<T>(question: Question<T>, limitMs?: number): Promise<T> {
    return this.questions.ask(question, limitMs);
  }

  /** Ends the connection, so that a new one is made. */
  restart(reason: string): void {
    this.#session?.end(reason);
  }

  #connect(): void {
    if (!this.#wanted || this.#session !== undefined) return;
    this.#linkIsUp();
    this.#session = new GatewaySession(this.address, this.limits, {
      message: (message, text) => this.#take(message, text),
      ended: (reason, wasReady) => this.#ended(reason, wasReady),
    });
  }

  #take(message: GatewayMessage, text: string): void {
    if (message.kind === 'error' && isNotice(message.code)) this.#noteLink(message.code, message.text);
    this.questions.offer(message);
    this.user.message(message, text);
    if (message.kind === 'nextValidId' && this.#opening === undefined) this.#readMissed('connected');
  }

  /** 1100: the gateway has lost the broker. 1101 and 1102: it has it back; some tables of codes swap the two, so both read all. */
  #noteLink(code: number, text: string): void {
    if (code === 1_100 || code === 2_110) {
      this.#link = 'down';
      this.#linkDown ??= new RunningTimer(this.limits.longestLinkDownMs, () =>
        this.restart('the gateway did not report its link to the broker back'),
      );
      this.#failure = `the gateway has lost its link to the broker: ${text} (${code})`;
      this.#report('disconnected', this.#failure);
      this.user.lost(this.#failure);
    }
    if (code === 1_101 || code === 1_102) {
      this.#linkIsUp();
      this.#readMissed(`the link of the gateway to the broker is back (${code})`);
    }
  }

  #linkIsUp(): void {
    this.#link = 'up';
    this.#linkDown?.cancel();
    this.#linkDown = undefined;
  }

  #readMissed(reason: string): void {
    const mine = Symbol(reason);
    this.#opening = mine;
    const connected = (): void => {
      if (this.#opening !== mine || !this.isUp) return;
      this.#attempts = 0;
      this.#failure = '';
      this.#report('connected', reason);
      this.#settle(undefined);
    };
    this.user.opened().then(connected, connected);
  }

  #ended(reason: string, wasReady: boolean): void {
    this.#session = undefined;
    this.#opening = undefined;
    this.#linkDown?.cancel();
    this.#linkDown = undefined;
    this.#failure = reason;
    this.questions.failAll(notSent(reason));
    if (wasReady) this.user.lost(reason);
    this.#report('disconnected', reason);
    // the id is free when the gateway has noticed the end of the connection before
    if (!this.#wanted || !reason.includes(CLIENT_ID_IN_USE)) this.#settle(failedAttempt(reason));
    if (!this.#wanted) return;
    this.#attempts += 1;
    const pause = Math.min(this.#attempts * this.limits.retryStepMs, this.limits.longestRetryMs);
    this.#retry = new RunningTimer(pause, () => this.#connect());
  }

  /** Each change, and each new reason for being down; a line that was never up has not changed. */
  #report(state: BrokerStatus['state'], reason: string): void {
    if (state === 'disconnected' && this.#reported === undefined) return;
    if (this.#reported === state && (state === 'connected' || this.#reason === reason)) return;
    this.#reported = state;
    this.#reason = reason;
    this.user.status({ at: this.clock.now(), state, reason });
  }

  #settle(error: TradeBotError | undefined): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter(error);
  }
}

function failedAttempt(reason: string): TradeBotError {
  return networkError('retry', {
    code: 'GATEWAY_UNREACHABLE',
    message: `TWS or IB Gateway cannot be used: ${reason}`,
    remedy:
      'Start TWS or IB Gateway, log in, allow API connections, and check host, port and client id. It is tried again by itself.',
  });
}
