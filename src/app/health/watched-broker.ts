import { merge, Subject, tap } from 'rxjs';
import { wrapBroker, type Broker } from '../../ports/broker.js';
import type { BrokerStatus } from '../../ports/broker-connection.js';
import type { BrokerMeter } from './broker-meter.js';

/**
 * The broker as the engine sees it, measured. What the watchdog finds comes on `status$` like the broker's own word, so
 * entries are suspended and taken up again, and what was missed is fetched, in the one way that there is for it (RUN-42).
 */
export class WatchedBroker {
  /** The broker for the engine. */
  readonly broker: Broker;
  readonly #found = new Subject<BrokerStatus>();
  #cut: BrokerStatus | undefined;
  #connected = false;

  constructor(
    inner: Broker,
    private readonly meter: BrokerMeter,
  ) {
    const own = inner.status$.pipe(tap((status) => this.#note(status)));
    this.broker = wrapBroker(
      inner,
      (name, call) => {
        if (name === 'connect') this.#connected = true;
        if (name === 'disconnect') this.#letGo();
        return meter.measure(call);
      },
      { status$: merge(own, this.#found) },
    );
  }

  /** What the watchdog found. A line that the broker itself calls down is not called up by us. */
  found(status: BrokerStatus): void {
    if (status.state === 'connected' && this.#cut !== undefined) return;
    this.#found.next(status);
  }

  /** Between `connect` and `disconnect`: only then is it asked for signs of life. */
  get connected(): boolean {
    return this.#connected;
  }

  #note(status: BrokerStatus): void {
    if (!this.#connected) return;
    this.#cut = status.state === 'disconnected' ? status : undefined;
    this.meter.streamIs(status.state);
  }

  #letGo(): void {
    this.#connected = false;
    this.#cut = undefined;
    this.meter.streamIs('connected');
  }
}
