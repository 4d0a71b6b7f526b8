import { afterEach, beforeEach, describe, test } from '@jest/globals';
import type { CardFacts } from '../../../src/app/broker-check/card.js';
import type { TickerSymbol } from '../../../src/events/names.js';
import type { Decimal } from '../../../src/kernel/decimal.js';
import type { DateText, EpochMs } from '../../../src/kernel/time.js';
import type { Broker } from '../../../src/ports/broker.js';

/** A broker with a new account and an open market, and the controls of its world that every card may use. */
export interface BrokerBench {
  readonly broker: Broker;
  /** Tradable in whole shares and fractions, liquid, quoted near `near` dollars. */
  readonly symbol: TickerSymbol;
  readonly near: Decimal;
  readonly openingCash: Decimal;
  readonly now: () => EpochMs;
  readonly dayOff: DateText;
  /** Lets some market time pass: everything due happens, and every update is reported before it resolves. */
  pass(): Promise<void>;
  /** A person moves cash in or out, outside of the bot; the reference is kept where the broker has a field for it. */
  transfer(reference: string, amount: Decimal, direction: 'in' | 'out'): Promise<void>;
  finish(): Promise<void>;
}

/** One behaviour of a broker, and what proves it on a bench. */
export interface Card<B extends BrokerBench = BrokerBench> extends CardFacts {
  readonly run: (bench: B) => Promise<void>;
}

/** Runs cards, each on a bench of its own. */
export function conformance<B extends BrokerBench>(
  name: string,
  makeBench: () => Promise<B>,
  cards: readonly Card<B>[],
): void {
  describe(`broker kit: ${name}`, () => {
    let bench: B;
    beforeEach(async () => {
      bench = await makeBench();
    });
    afterEach(() => bench.finish());
    test.each(
      cards.map((card) => [`${card.id}: given ${card.given}; when ${card.when}; then ${card.then}`, card] as const),
    )('%s', (_title, card) => card.run(bench));
  });
}
