import type { Observable } from 'rxjs';
import type { TradeBotError } from '../kernel/errors.js';
import type { EpochMs } from '../kernel/time.js';

/** The broker answers, and refuses the bot. */
export type BrokerRefusal = 'KEY_REFUSED';

/** State of the broker's stream since `at`, and the reason for the change. */
export type BrokerStatus = {
  readonly at: EpochMs;
  readonly state: 'connected' | 'disconnected';
  readonly reason: string;
  /** Why the connection does not come back by itself: a person has to act. */
  readonly code?: BrokerRefusal | undefined;
};

/** One result of the broker's self-check; cause and remedy are empty when it passed. */
export interface BrokerCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly cause: string;
  readonly remedy: string;
  /** The broker gave no answer, or none that can be read: asked again later, the check may pass without a person. */
  readonly mayPass?: true;
}

/** The check that an error ended. */
export function checkOfError(name: string, error: TradeBotError): BrokerCheck {
  const { message: cause, remedy, callerMust } = error;
  return { name, ok: false, cause, remedy, ...(callerMust === 'retry' ? { mayPass: true as const } : {}) };
}

/** The connection to one account at the broker. */
export interface BrokerConnection {
  readonly code: string;
  readonly status$: Observable<BrokerStatus>;
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  selfCheck(): Promise<readonly BrokerCheck[]>;
}
