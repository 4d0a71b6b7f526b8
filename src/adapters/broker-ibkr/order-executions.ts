import type { ClientOrderId, TickerSymbol } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import type { Sha256Hex } from '../../kernel/hash.js';
import type { EpochMs } from '../../kernel/time.js';
import type { BrokerFill, BrokerUpdate, OrderSide } from '../../ports/order-entry.js';
import { RunningTimer } from '../clock/running-timer.js';
import type { QueuedReport, UpdateQueue } from './update-queue.js';

/** One version of an execution: the first report of it, or a correction. */
export interface ExecutionVersion {
  readonly execId: string;
  readonly symbol: TickerSymbol;
  readonly side: OrderSide;
  readonly quantity: Decimal;
  readonly price: Decimal;
  readonly filledAt: EpochMs;
  readonly brokerOrderId: string;
  readonly rawSha256: Sha256Hex;
}

interface Known {
  /** The id without its version: the same for an execution and its corrections. */
  readonly id: string;
  versions: ExecutionVersion[];
  commission: Decimal | undefined;
  /** The version that the charge is of; 0 without one. */
  chargeVersion: number;
  /** As it was reported last. */
  reported: Decimal;
  report: QueuedReport | undefined;
  timer: RunningTimer | undefined;
}

/** The execution that an id of the gateway is about, and the version: what stands after the last dot. */
export function executionOf(execId: string): { readonly id: string; readonly version: number } {
  const match = /^(.+)\.(\d{1,4})$/.exec(execId);
  return match === null ? { id: execId, version: 1 } : { id: match[1] ?? execId, version: Number(match[2]) };
}

/**
 * The executions of one order. A fill waits a little for its charge, which comes in a message of its own; without it the fill is reported
 * without a charge, and corrected when the charge comes.
 */
export class OrderExecutions {
  readonly #known = new Map<string, Known>();

  constructor(
    private readonly clientOrderId: ClientOrderId,
    private readonly queue: UpdateQueue,
    private readonly holdMs: number,
  ) {}

  /** Shares of all executions as they stand. */
  get filled(): Decimal {
    return Decimal.sum([...this.#known.values()].flatMap(({ versions }) => versions.at(-1)?.quantity ?? []));
  }

  /** Whether an execution since a time has no charge yet. */
  lacksCharge(since: EpochMs): boolean {
    return [...this.#known.values()].some(
      (known) =>
        known.commission === undefined && !isTakenBack(known) && (known.versions.at(-1)?.filledAt ?? 0) >= since,
    );
  }

  add(version: ExecutionVersion, charge: Decimal | undefined): void {
    const { id, version: number } = executionOf(version.execId);
    const known = this.#known.get(id);
    if (known === undefined) this.#first(id, version, number, charge);
    else if (isNewer(version, known)) this.#corrected(known, version, charge);
  }

  /** The charge of an execution, once or again. Lists of today repeat those of versions that were replaced. */
  charge(execId: string, amount: Decimal): void {
    const { id, version } = executionOf(execId);
    const known = this.#known.get(id);
    if (known === undefined || version < known.chargeVersion) return;
    [known.commission, known.chargeVersion] = [amount, version];
    if (known.report !== undefined) this.#release(known);
    else if (!known.reported.equals(amount) && !isTakenBack(known)) this.#pushCorrection(known);
  }

  #first(id: string, version: ExecutionVersion, number: number, charge: Decimal | undefined): void {
    const known: Known = {
      ...{ id, versions: [version], commission: charge, chargeVersion: charge === undefined ? 0 : number },
      ...{ reported: Decimal.ZERO, report: undefined, timer: undefined },
    };
    this.#known.set(id, known);
    if (version.quantity.isZero()) {
      // books may have the first report from an earlier process
      this.#pushCorrection(known);
      return;
    }
    const report: QueuedReport = {
      ready: charge !== undefined,
      make: (at) => this.#fill(known, version, at),
    };
    known.report = report;
    if (charge === undefined) known.timer = new RunningTimer(this.holdMs, () => this.#release(known));
    this.queue.push(report);
    // only a correction is known: books that have the first report need the figures of now
    if (number > 1) this.#pushCorrection(known);
  }

  #release(known: Known): void {
    known.timer?.cancel();
    if (known.report !== undefined) known.report.ready = true;
    this.queue.drain();
  }

  #fill(known: Known, version: ExecutionVersion, at: (earliest: EpochMs) => EpochMs): BrokerUpdate {
    known.report = undefined;
    return { ...this.#figures(known, version), kind: 'filled', at: at(version.filledAt) };
  }

  #corrected(known: Known, version: ExecutionVersion, charge: Decimal | undefined): void {
    known.versions.push(version);
    if (charge !== undefined) {
      [known.commission, known.chargeVersion] = [charge, executionOf(version.execId).version];
    }
    this.#release(known);
    this.#pushCorrection(known);
  }

  /** An execution of no shares was taken back. */
  #pushCorrection(known: Known): void {
    const version = known.versions.at(-1);
    if (version === undefined) return;
    this.queue.push({
      ready: true,
      make: (at) => {
        if (version.quantity.isZero()) {
          const { brokerOrderId, rawSha256, filledAt } = version;
          const facts = { clientOrderId: this.clientOrderId, brokerOrderId, rawSha256, at: at(filledAt) };
          return { ...facts, kind: 'busted', executionId: known.id, reason: 'corrected to no shares' };
        }
        return {
          ...this.#figures(known, version),
          kind: 'corrected',
          correctsExecutionId: known.id,
          at: at(version.filledAt),
        };
      },
    });
  }

  #figures(known: Known, version: ExecutionVersion): Omit<BrokerUpdate & BrokerFill, 'kind' | 'at'> {
    known.reported = known.commission ?? Decimal.ZERO;
    const { symbol, side, quantity, price, filledAt, brokerOrderId, rawSha256 } = version;
    return {
      ...{ clientOrderId: this.clientOrderId, brokerOrderId, rawSha256, executionId: known.id },
      ...{ symbol, side, quantity, price, commission: known.reported, fee: Decimal.ZERO, filledAt },
    };
  }
}

function isTakenBack(known: Known): boolean {
  return known.versions.at(-1)?.quantity.isZero() === true;
}

function isNewer(version: ExecutionVersion, known: Known): boolean {
  const last = known.versions.at(-1);
  return last === undefined || executionOf(version.execId).version > executionOf(last.execId).version;
}
