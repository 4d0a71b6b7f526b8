import { IbkrBroker, type IbkrBrokerOptions } from '../../../src/adapters/broker-ibkr/ibkr-broker.js';
import type { IbkrNote } from '../../../src/adapters/broker-ibkr/order-desk.js';
import type { OrderIds } from '../../../src/adapters/broker-ibkr/order-ids.js';
import { parseDateText, parseUtcText, plusMs, type EpochMs } from '../../../src/kernel/time.js';
import { parseSymbol } from '../../../src/events/names.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { sha256Hex } from '../../../src/kernel/hash.js';
import type { BrokerStatus } from '../../../src/ports/broker-connection.js';
import type { IbkrEmulatorOptions } from '../../emulators/ibkr/emulator-options.js';
import { IbkrEmulator } from '../../emulators/ibkr/ibkr-emulator.js';
import type { EmulatedExchange } from '../../emulators/exchange/exchange.js';
import { eventually } from '../../support/eventually.js';
import { Desk } from '../broker-kit/desk.js';
import type { BrokerBench, Card } from '../broker-kit/kit.js';

/** A gateway on loopback and the adapter at it. */
export interface IbkrBench extends BrokerBench {
  readonly broker: IbkrBroker;
  readonly emulator: IbkrEmulator;
  readonly exchange: EmulatedExchange;
  readonly address: { readonly host: string; readonly port: number; readonly clientId: number };
  readonly clock: { at: EpochMs; now(): EpochMs };
  readonly notes: IbkrNote[];
  readonly statuses: BrokerStatus[];
  /** Another process at the same gateway, not connected yet; it ends with the bench. */
  another(options?: Partial<IbkrBrokerOptions>): IbkrBroker;
  desk(broker?: IbkrBroker): Desk;
}

export type IbkrCard = Card<IbkrBench>;

/** Limits of a wait that a card wants to see end; others keep those of the adapter. */
export const SHORT = { answerMs: 400, handshakeMs: 400, retryStepMs: 20, longestRetryMs: 60 } as const;

const SYMBOLS = [
  { symbol: 'SPY', price: Decimal.parse('500.00') },
  { symbol: 'BRK.B', price: Decimal.parse('400.00') },
  { symbol: 'THIN', price: Decimal.parse('3.00'), shortable: false, fractionable: false },
];

/** A bench at a version of the gateway, market open, with 100,000 dollars. */
export async function ibkrBench(
  serverVersion = 193,
  emulated: Partial<IbkrEmulatorOptions> = {},
  clock: IbkrBench['clock'] = {
    at: parseUtcText('2026-01-05T15:00:00.000Z'),
    now(): EpochMs {
      return this.at;
    },
  },
): Promise<IbkrBench> {
  const openingCash = Decimal.parse('100000.00');
  const emulator = new IbkrEmulator({ clock, cash: openingCash, symbols: SYMBOLS, serverVersion, ...emulated });
  const { host, port } = await emulator.start();
  const address = { host, port, clientId: 7 };
  const notes: IbkrNote[] = [];
  const statuses: BrokerStatus[] = [];
  const ids = smallIds();
  const brokers: IbkrBroker[] = [];
  const another = (options: Partial<IbkrBrokerOptions> = {}): IbkrBroker => {
    const broker = new IbkrBroker({
      address,
      accountNumber: null,
      clock,
      raw: { keep: ({ text }) => sha256Hex(text) },
      orderIds: ids,
      limits: { retryStepMs: 20, longestRetryMs: 60 },
      onNote: (note) => notes.push(note),
      ...options,
    });
    broker.status$.subscribe((status) => statuses.push(status));
    brokers.push(broker);
    return broker;
  };
  const broker = another();
  await broker.connect();
  emulator.exchange.autoTrade(1);
  const bench: IbkrBench = {
    ...{ broker, emulator, exchange: emulator.exchange, clock, notes, statuses, another, openingCash, address },
    symbol: parseSymbol('SPY'),
    near: Decimal.parse('500.00'),
    dayOff: parseDateText('2026-01-10'),
    now: () => clock.now(),
    pass: async () => {
      clock.at = plusMs(clock.at, 1_000);
      // what was sent before this answer has arrived with it
      if (broker.line.isUp) await broker.clock();
    },
    transfer: (_reference, amount, direction) => {
      const signed = direction === 'in' ? amount : amount.negated();
      emulator.exchange.row(direction === 'in' ? 'deposit' : 'withdrawal', signed);
      return Promise.resolve();
    },
    desk: (of = broker) => new Desk({ ...bench, broker: of }),
    finish: async () => {
      for (const each of brokers) await each.disconnect();
      await emulator.stop();
    },
  };
  return bench;
}

/** Ids from 1 on, kept over the processes of one bench. */
export function smallIds(): OrderIds {
  let highest = 0;
  return {
    highest: () => highest,
    use: (id) => {
      highest = Math.max(highest, id);
    },
  };
}

/** Waits until a request has reached the gateway. */
export async function arrived({ emulator }: IbkrBench, name: string, times = 1): Promise<void> {
  const count = (): number => emulator.seen.filter((each) => each.name === name).length;
  await eventually(`${times} requests ${name}`, () => count() >= times, { everyMs: 2, seen: () => `${count()}` });
}

/** Ids of the orders that were placed, in the order in which they came. */
export const placed = ({ emulator }: IbkrBench): readonly { readonly id: number; readonly ref: string }[] =>
  emulator.seen
    .filter(({ name }) => name === 'placeOrder')
    .map(({ fields }) => ({ id: Number(fields[1]), ref: fields[26] ?? '' }));

/** The id under which an order of ours was placed. */
export const orderIdOf = (bench: IbkrBench, ref: string): number =>
  placed(bench).find((each) => each.ref === ref)?.id ?? 0;

/** The order at the exchange with our id. */
export const atExchange = ({ exchange }: IbkrBench, id: string): ReturnType<IbkrBench['exchange']['order']> => {
  const order = exchange.byClientId(id);
  if (order === undefined) throw new Error(`no order ${id} at the exchange`);
  return order;
};
