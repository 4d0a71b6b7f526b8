import { merge, Subject, tap } from 'rxjs';
import { wrapBroker, type Broker } from '../../ports/broker.js';
import type { BrokerStatus } from '../../ports/broker-connection.js';
import type { BrokerMeter } from './broker-meter.js';

/**
 * The broker as the engine sees it, measured. The watchdog's findings are emitted on `status$` like the broker's own,
 * so entries are suspended and resumed, and missed news is fetched, in the one existing way (RUN-42).
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
        // it waits for quotes that nobody may make: that is no slow broker
        if (name === 'optionChain') return call();
        const onPurposeMs = name === 'orderByClientId' ? (inner.capabilities.absenceProofMs ?? 0) : 0;
        return meter.measure(call, onPurposeMs);
      },
      { status$: merge(own, this.#found) },
    );
  }

  /** A finding of the watchdog. A connection that the broker itself reports as down is not reported as restored. */
  found(status: BrokerStatus): void {
    if (status.state === 'connected' && this.#cut !== undefined) return;
    this.#found.next(status);
  }

  /** Between `connect` and `disconnect`: only then is it probed. */
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
