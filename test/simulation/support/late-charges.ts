import type { ClientOrderId } from '../../../src/events/names.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { BareBroker } from './bare-broker.js';

/** The charge of each order, dollars. */
const CHARGE = Decimal.parse('1.25');

/** A broker that takes its charges at once, and reports them all together later: each fill is corrected then. */
export class LateChargeBroker extends BareBroker {
  readonly #owed = new Set<ClientOrderId>();

  override async submit(request: Parameters<BareBroker['submit']>[0]): Promise<void> {
    await super.submit(request);
    if (this.#owed.has(request.clientOrderId)) return;
    this.#owed.add(request.clientOrderId);
    this.cash = this.cash.minus(CHARGE);
  }

  awaitsCharges(): boolean {
    return this.#owed.size > 0;
  }

  /** The charges of all orders so far are known to who asks for the orders: nobody listened when they came. */
  settleCharges(): void {
    for (const id of this.#owed) {
      this.#owed.delete(id);
      this.amend(id, { commission: CHARGE });
    }
  }

  /** The charges of all orders so far come. */
  reportCharges(): void {
    for (const id of this.#owed) {
      this.#owed.delete(id);
      this.report(id, ({ executionId, ...fill }) => ({
        ...{ ...fill, executionId, kind: 'corrected', correctsExecutionId: executionId, commission: CHARGE },
      }));
    }
  }
}
