import type { SimulatedVenue } from '../../../../src/adapters/broker-sim/venue.js';
import type { EpochMs } from '../../../../src/kernel/time.js';

interface Request {
  readonly at: EpochMs;
  /** Where the exchange was when it was sent. */
  readonly sentAt: number;
  readonly act: () => Promise<unknown>;
}

const NOWHERE = -1;

/** What reaches the broker later than it was sent, also when the process that sent it is gone by then. */
export class RequestsUnderway {
  readonly #all = new Set<Request>();
  /** The last of those that arrived. */
  #arriving: Promise<unknown> | undefined;
  /** Where the exchange is in the session. */
  #worldAt = NOWHERE;

  /** A process begins: its exchange plays the session again from the open. */
  begin(): void {
    this.#worldAt = NOWHERE;
  }

  /** `act` places the order at the exchange before it returns. */
  send(at: EpochMs, act: () => Promise<unknown>): void {
    const sentAt = Math.max(0, this.#worldAt);
    this.#all.add({ at, sentAt, act: () => act().catch(() => undefined) });
  }

  /**
   * What is due is at the broker before the next question, also while the exchange stands still because the engine waits; not while
   * the exchange plays again what was before the request.
   */
  async arriveBy(now: EpochMs): Promise<void> {
    for (const request of this.#all) {
      if (request.at <= now && this.#worldAt >= request.sentAt) this.#arrive(request);
    }
    await this.#arriving;
  }

  /** The exchange, to which each request comes at its own time. */
  venue(exchange: SimulatedVenue): SimulatedVenue {
    let opened: EpochMs | undefined;
    return {
      openSession: (session) => exchange.openSession(session),
      openMinute: (slice) => {
        exchange.openMinute(slice);
        this.#worldAt = slice.start;
        opened = slice.end;
      },
      nextAt: () => {
        const due = [...this.#all].map(({ at }) => at).filter((at) => opened !== undefined && at < opened);
        const next = exchange.nextAt();
        if (next !== undefined) due.push(next);
        return due.reduce<EpochMs | undefined>(
          (first, at) => (first === undefined || at < first ? at : first),
          undefined,
        );
      },
      advanceTo: (at) => {
        exchange.advanceTo(at);
        this.#worldAt = at;
        for (const request of this.#all) if (request.at <= at) this.#arrive(request);
      },
      closeSession: () => exchange.closeSession(),
      transferCash: (transfer) => exchange.transferCash(transfer),
    };
  }

  #arrive(request: Request): void {
    this.#all.delete(request);
    this.#arriving = request.act();
  }
}
