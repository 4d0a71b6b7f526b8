import type { BrokerAccountAddress } from '../../../src/adapters/broker-common/account-address.js';
import { VirtualClock } from '../../../src/adapters/clock/virtual-clock.js';
import { TradierBroker, type TradierBrokerOptions } from '../../../src/adapters/broker-tradier/tradier-broker.js';
import { parseSymbol } from '../../../src/events/names.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { secret } from '../../../src/kernel/secret.js';
import { parseDateText, parseUtcText, plusMs, type EpochMs } from '../../../src/kernel/time.js';
import type { BrokerStatus } from '../../../src/ports/broker-connection.js';
import type { EmulatedOrder } from '../../emulators/exchange/types.js';
import { TradierEmulator, type TradierEmulatorOptions } from '../../emulators/tradier/tradier-emulator.js';
import { eventually } from '../../support/eventually.js';
import { MemoryRawFrames } from '../../support/memory-raw-frames.js';
import { Desk } from '../broker-kit/desk.js';
import type { BrokerBench } from '../broker-kit/kit.js';

/** A Tuesday, half an hour after the open. */
const START = parseUtcText('2026-01-06T15:00:00.000Z');
const STEP_MS = 5_000;
/** Orders trade by hand on a bench that is not `trading`. */
const SEED = 11;

export interface BenchOptions {
  readonly emulator?: Partial<TradierEmulatorOptions>;
  readonly broker?: Partial<TradierBrokerOptions>;
  /** Whether marketable orders trade by themselves. */
  readonly trades?: boolean;
  /** Whether the broker is connected already. */
  readonly connects?: boolean;
  readonly startsAt?: EpochMs;
  /** Before the connect. */
  readonly prepare?: (emulator: TradierEmulator) => void;
}

/** An emulator, an adapter that is connected to it, and a clock that moves only by `pass` and `move`. */
export class TradierBench implements BrokerBench {
  readonly symbol = parseSymbol('SPY');
  readonly near = Decimal.parse('100');
  readonly openingCash = Decimal.parse('100000.00');
  readonly dayOff = parseDateText('2026-01-10');
  readonly raw = new MemoryRawFrames();
  readonly states: BrokerStatus[] = [];
  readonly now = (): EpochMs => this.clock.now();
  broker: TradierBroker;
  desk: Desk;

  constructor(
    readonly emulator: TradierEmulator,
    private readonly more: Partial<TradierBrokerOptions>,
    private readonly clock: VirtualClock,
  ) {
    this.broker = this.#make({});
    this.desk = new Desk(this);
  }

  /** Another process on the same account; the one before it is gone. */
  async restart(more: Partial<TradierBrokerOptions> = {}): Promise<void> {
    await this.broker.disconnect();
    this.broker = this.#make(more);
    this.desk = new Desk(this);
    await this.broker.connect();
  }

  move(ms: number): void {
    this.clock.advanceTo(plusMs(this.clock.now(), ms));
    this.emulator.advance();
  }

  async pass(): Promise<void> {
    this.move(STEP_MS);
    // an answer that was asked for after the step shows everything of it
    await this.broker.openOrders().catch(() => undefined);
  }

  transfer(_reference: string, amount: Decimal, direction: 'in' | 'out'): Promise<void> {
    const isIn = direction === 'in';
    this.emulator.exchange.row(isIn ? 'deposit' : 'withdrawal', isIn ? amount : amount.negated());
    return Promise.resolve();
  }

  /** The order of the exchange that has this id of ours. */
  venue(id: string): EmulatedOrder {
    const tag = id.replace(/[-_]/g, (mark) => (mark === '-' ? '--' : '-u'));
    const order = this.emulator.exchange.byClientId(tag);
    if (order === undefined) throw new Error(`the exchange has no order ${id}`);
    return order;
  }

  /** Waits until the desk has heard so. */
  until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    return eventually(what, holds);
  }

  async finish(): Promise<void> {
    await this.broker.disconnect();
    await this.emulator.stop();
  }

  #make(more: Partial<TradierBrokerOptions>): TradierBroker {
    const broker = new TradierBroker({
      account: this.account(),
      clock: this.clock,
      raw: this.raw,
      pauses: { busyMs: 60, idleMs: 400 },
      absence: { looks: 3, spanMs: 60, pauseMs: 20 },
      timeoutMs: 1_000,
      linePauses: { stepMs: 20, mostMs: 100, handshakeMs: 2_000, silentMs: 2_000 },
      ...this.more,
      ...more,
    });
    broker.status$.subscribe((status) => this.states.push(status));
    return broker;
  }

  account(): BrokerAccountAddress {
    const { url, token, accountNumber } = this.emulator;
    const none = secret('');
    return {
      ...{ url, host: '', apiKey: secret(token), secretKey: none, userName: none, password: none },
      accountNumber: secret(accountNumber),
    };
  }
}

/** A bench with a new account, connected unless the options say otherwise. */
export async function makeBench(options: BenchOptions = {}): Promise<TradierBench> {
  const clock = new VirtualClock(options.startsAt ?? START);
  const emulator = new TradierEmulator({ clock, heartbeatMs: 50, ...options.emulator });
  await emulator.start();
  const bench = new TradierBench(emulator, options.broker ?? {}, clock);
  if (options.trades !== false) emulator.exchange.autoTrade(SEED);
  options.prepare?.(emulator);
  if (options.connects !== false) await bench.broker.connect();
  return bench;
}
