import { setTimeout as sleep } from 'node:timers/promises';
import { AlpacaBroker, type AlpacaBrokerOptions } from '../../../src/adapters/broker-alpaca/alpaca-broker.js';
import type { BrokerAccountAddress } from '../../../src/adapters/broker-common/account-address.js';
import { parseSymbol } from '../../../src/events/names.js';
import { sha256Hex, type Sha256Hex } from '../../../src/kernel/hash.js';
import { secret } from '../../../src/kernel/secret.js';
import { epochMs, parseDateText, parseUtcText } from '../../../src/kernel/time.js';
import type { BrokerStatus } from '../../../src/ports/broker-connection.js';
import type { RawFrame, RawFrames } from '../../../src/ports/raw-frames.js';
import { AlpacaEmulator } from '../../emulators/alpaca/emulator.js';
import { eventually } from '../../support/eventually.js';
import { dec, Desk } from '../broker-kit/desk.js';
import type { BrokerBench } from '../broker-kit/kit.js';

/** Every frame, also the same one twice. */
export class AllFrames implements RawFrames {
  readonly frames: RawFrame[] = [];

  keep(frame: RawFrame): Sha256Hex {
    this.frames.push(frame);
    return sha256Hex(frame.text);
  }

  of(channel: string): number {
    return this.frames.filter((frame) => frame.channel === channel).length;
  }
}

/** Waits of a test are short: nothing here depends on how long they are. */
export const FAST = { stepMs: 5, mostMs: 20, handshakeMs: 2_000, silentMs: 5_000 };
/** 2026-01-05, a Monday, 09:35 in New York. */
const START = parseUtcText('2026-01-05T14:35:00.000Z');

export class AlpacaBench implements BrokerBench {
  readonly symbol = parseSymbol('SPY');
  readonly near = dec('100');
  readonly openingCash = dec('100000.00');
  readonly dayOff = parseDateText('2026-01-03');
  readonly raw = new AllFrames();
  readonly states: BrokerStatus[] = [];
  readonly emulator: AlpacaEmulator;
  broker!: AlpacaBroker;
  desk!: Desk;
  #now: number = START;
  #passes = 0;
  readonly #others: AlpacaBroker[] = [];

  private constructor() {
    const symbols = [
      { symbol: 'SPY', price: dec('100') },
      { symbol: 'BRK.B', price: dec('400') },
      { symbol: 'WHOLE', price: dec('50'), fractionable: false, shortable: false },
      { symbol: 'HALTED', price: dec('20'), tradable: false },
    ];
    this.emulator = new AlpacaEmulator({ clock: { now: () => this.now() }, symbols });
  }

  static async open(trades = true, more: Partial<AlpacaBrokerOptions> = {}): Promise<AlpacaBench> {
    const bench = new AlpacaBench();
    await bench.emulator.start();
    if (trades) bench.emulator.exchange.autoTrade(7);
    bench.broker = bench.adapter(more);
    bench.desk = new Desk(bench);
    bench.broker.status$.subscribe((state) => bench.states.push(state));
    await bench.broker.connect();
    return bench;
  }

  readonly now = () => epochMs(this.#now);

  moveTo(utc: string): void {
    this.#now = parseUtcText(utc);
  }

  move(ms: number): void {
    this.#now += ms;
  }

  /** An adapter of this account, not connected. */
  adapter(more: Partial<AlpacaBrokerOptions> = {}, address: Partial<BrokerAccountAddress> = {}): AlpacaBroker {
    const { emulator } = this;
    const account = {
      ...{ url: emulator.url, host: '', apiKey: secret(emulator.key), secretKey: secret(emulator.secretKey) },
      ...{ userName: secret(''), password: secret(''), accountNumber: null, ...address },
    };
    const options = { account, clock: { now: this.now }, raw: this.raw, pauses: FAST, timeoutMs: 400, lookEveryMs: 25 };
    const broker = new AlpacaBroker({ ...options, ...more });
    this.#others.push(broker);
    return broker;
  }

  async pass(): Promise<void> {
    this.move(1_000);
    this.#passes += 1;
    this.emulator.exchange.setPrice(this.symbol, dec(String(100 + (this.#passes % 3))));
    await this.settle();
  }

  /** Every frame that left has come, and what it led to has been asked and reported. */
  async settle(): Promise<void> {
    await eventually('all frames have come', () => this.raw.of('trade_updates') >= this.emulator.stream.sent.length, {
      everyMs: 1,
    });
    for (let quiet = 0, seen = this.#activity(); quiet < 3;) {
      await sleep(2);
      const now = this.#activity();
      quiet = now === seen ? quiet + 1 : 0;
      seen = now;
    }
  }

  until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    return eventually(what, holds, { everyMs: 2, patienceMs: 20_000 });
  }

  transfer(reference: string, amount: ReturnType<typeof dec>, direction: 'in' | 'out'): Promise<void> {
    const isIn = direction === 'in';
    this.emulator.exchange.row(isIn ? 'deposit' : 'withdrawal', isIn ? amount : amount.negated(), {
      description: reference,
    });
    return Promise.resolve();
  }

  async finish(): Promise<void> {
    for (const broker of this.#others) await broker.disconnect();
    await this.emulator.stop();
  }

  /** Looks at the list of open orders never end and are not counted. */
  #activity(): string {
    const { requests } = this.emulator;
    return `${requests.filter((request) => request !== 'GET /v2/orders').length}/${this.desk.reported.length}`;
  }
}
