import { closingOrderId, isClosingOrderId, isOfThisBot } from '../../domain/orders/client-order-ids.js';
import type { ClientOrderId } from '../../events/names.js';
import type { Decimal } from '../../kernel/decimal.js';
import type { BotIdentity } from '../../kernel/identity.js';
import { TradeBotError } from '../../kernel/errors.js';
import { toUtcText, type Clock } from '../../kernel/time.js';
import type { BrokerPosition } from '../../ports/account-queries.js';
import type { EmergencyBroker } from '../../ports/emergency-broker.js';
import type { OrderRequest } from '../../ports/order-entry.js';
import type { SideLine } from './side-line.js';

/** Rounds until what is left open is reported; the kill stays open, and the next attempt continues. */
const MOST_ROUNDS = 60;
const ROUND_MS = 500;
/** Closing orders of one symbol for one kill. */
const MOST_ORDERS = 25;

export interface FlattenParts {
  readonly broker: EmergencyBroker;
  readonly identity: BotIdentity;
  /** Of the kill: the same kill makes the same client order ids, so that a repeat sends nothing twice. */
  readonly key: string;
  readonly clock: Clock;
  /** Durable when it returns. */
  readonly write: (line: SideLine) => void;
}

/** What a kill without journal achieved; `open` lists what is still open, or says that it is not known. */
export interface FlattenResult {
  readonly flat: boolean;
  readonly open: readonly string[];
  readonly sent: number;
}

/** Cancels our open orders and closes all positions with the broker alone (RUN-16), in a bounded number of rounds. */
export async function flatten(parts: FlattenParts): Promise<FlattenResult> {
  const work = new Flattening(parts);
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    if (await work.round()) break;
    await parts.broker.wait(ROUND_MS);
  }
  return work.result();
}

/** The limit of calls may end a round: what risks most is closed first. */
function largestFirst(a: BrokerPosition, b: BrokerPosition): number {
  const worth = ({ quantity, averagePrice }: BrokerPosition): Decimal => quantity.times(averagePrice).abs();
  return worth(b).minus(worth(a)).sign();
}

class Flattening {
  #open: readonly string[] = ['not known: the broker has not answered'];
  #sent = 0;
  readonly #written = new Set<string>();

  constructor(private readonly parts: FlattenParts) {}

  result(): FlattenResult {
    return { flat: this.#open.length === 0, open: this.#open, sent: this.#sent };
  }

  /** True when nothing is open. */
  async round(): Promise<boolean> {
    try {
      const { broker, identity, key } = this.parts;
      const ids = (await broker.openOrders()).map(({ clientOrderId }) => clientOrderId);
      const orders = ids.filter((id) => id !== null).filter((id) => isOfThisBot(identity, id));
      for (const id of orders) if (!isClosingOrderId(identity, key, id)) await this.#cancel(id);
      const positions = (await broker.positions()).filter(({ quantity }) => !quantity.isZero());
      this.#open = [
        ...positions.map(({ symbol, quantity }) => `${symbol} ${quantity.shortText()}`),
        ...orders.map((id) => `order ${id}`),
      ];
      for (const position of [...positions].sort(largestFirst)) await this.#close(position);
    } catch (error) {
      this.#fault('broker', error);
      return false;
    }
    return this.#open.length === 0;
  }

  async #cancel(id: ClientOrderId): Promise<void> {
    this.#write({ kind: 'cancel', clientOrderId: id });
    try {
      await this.parts.broker.cancel(id);
    } catch (error) {
      this.#fault(id, error);
    }
  }

  /** The next order of this position, unless one is working. An order that the broker knows is never sent again. */
  async #close(position: BrokerPosition): Promise<void> {
    const { broker, identity, key } = this.parts;
    for (let number = 1; number <= MOST_ORDERS; number += 1) {
      const id = closingOrderId(identity, { key, symbol: position.symbol, number }, broker.clientIdLength);
      const known = await broker.orderByClientId(id);
      if (known === undefined) return this.#send(id, position);
      for (const update of known.updates) {
        if (update.kind !== 'filled') continue;
        const { executionId, symbol, side, quantity, price } = update;
        const facts = { executionId, symbol, side, quantity: quantity.shortText(), price: price.shortText() };
        this.#write({ kind: 'filled', clientOrderId: id, ...facts });
      }
      if (known.status === 'accepted' || known.status === 'working') return;
    }
  }

  async #send(id: ClientOrderId, { symbol, quantity }: BrokerPosition): Promise<void> {
    const long = quantity.sign() > 0;
    const order: OrderRequest = {
      clientOrderId: id,
      symbol,
      side: long ? 'sell' : 'buy',
      positionEffect: long ? 'close_long' : 'close_short',
      quantity: quantity.abs(),
      notional: null,
      orderType: 'market',
      limitPrice: null,
      stopPrice: null,
      timeInForce: 'day',
    };
    const { side, positionEffect } = order;
    this.#write({
      kind: 'intended',
      clientOrderId: id,
      symbol,
      side,
      positionEffect,
      quantity: quantity.abs().shortText(),
    });
    try {
      await this.parts.broker.submit(order);
      this.#sent += 1;
      this.#write({ kind: 'accepted', clientOrderId: id });
    } catch (error) {
      this.#fault(id, error);
    }
  }

  #fault(what: string, error: unknown): void {
    const code = error instanceof TradeBotError ? error.code : 'INTERNAL';
    this.#write({ kind: 'fault', what, code });
  }

  /** Each fact once. */
  #write(fact: SideLine['fact']): void {
    const text = JSON.stringify(fact);
    if (this.#written.has(text)) return;
    this.#written.add(text);
    this.parts.write({ at: toUtcText(this.parts.clock.now()), key: this.parts.key, fact });
  }
}
