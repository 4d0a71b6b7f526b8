import { Subject } from 'rxjs';
import { networkError } from '../../kernel/errors.js';
import type { EpochMs } from '../../kernel/time.js';
import type { BrokerStatus } from '../../ports/broker-connection.js';
import type { BrokerUpdate } from '../../ports/order-entry.js';
import type { VenueSink } from './core.js';

type Message = { readonly update: BrokerUpdate } | { readonly status: BrokerStatus };

/**
 * The connection between broker and bot. Updates during an outage are not kept: only a query returns them (F1).
 * Messages are delivered after the exchange has finished its step, so a listener that answers at once sees a settled
 * state.
 */
export class SimConnection implements VenueSink {
  readonly updates$ = new Subject<BrokerUpdate>();
  readonly status$ = new Subject<BrokerStatus>();
  private connected = false;
  private up = true;
  private refuses: 'orders' | 'everything' | 'nothing' = 'nothing';
  private readonly outbox: Message[] = [];

  update(update: BrokerUpdate): void {
    if (this.connected && this.up) this.outbox.push({ update });
  }

  line(status: BrokerStatus, refuses: 'orders' | 'everything' | 'nothing'): void {
    this.up = status.state === 'connected';
    this.refuses = refuses;
    if (this.connected) this.outbox.push({ status });
  }

  /** A new session starts with a connection without faults. */
  restore(): void {
    this.up = true;
    this.refuses = 'nothing';
  }

  setConnected(connected: boolean, at: EpochMs): void {
    if (this.connected === connected) return;
    this.connected = connected;
    const reason = connected ? 'connected' : 'disconnected on request';
    this.status$.next({ at, state: connected ? 'connected' : 'disconnected', reason });
  }

  flush(): void {
    if (this.outbox.length === 0) return;
    const messages = this.outbox.splice(0);
    for (const message of messages) {
      if ('update' in message) this.updates$.next(message.update);
      else this.status$.next(message.status);
    }
  }

  /** @throws NetworkError NOT_CONNECTED, CONNECTION_LOST (retry): nothing was sent. */
  check(what: 'order' | 'query'): void {
    if (!this.connected) throw down('NOT_CONNECTED', 'the simulated broker is not connected', 'Call connect first.');
    const refused = this.refuses === 'everything' || (this.refuses === 'orders' && what === 'order');
    if (refused) throw down('CONNECTION_LOST', 'the connection to the broker is down', 'Try again when it is back.');
  }
}

function down(code: string, message: string, remedy: string): Error {
  return networkError('retry', { code, message, remedy });
}
