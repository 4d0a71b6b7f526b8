import { describe, expect, test } from '@jest/globals';
import { foldedBooks } from '../../../src/app/day/folded-books.js';
import { allLots } from '../../../src/domain/accounting/lots.js';
import { splitOfShares, splitWords } from '../../../src/domain/accounting/split-ratio.js';
import { parseBook, serializeBook } from '../../../src/domain/accounting/book-codec.js';
import { costPrice } from '../../../src/domain/session/position-cost.js';
import { mismatchViews, readComparison } from '../../../src/app/manual-entries/open-mismatches.js';
import { STREAMS } from '../../../src/events/streams.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { resolutionDrafts } from '../../../src/trading/reconciliation/resolve-mismatch.js';
import { centsToDecimal } from '../../../src/kernel/money.js';
import { AccountWorld } from './support/account-world.js';

/** A world in which the bot holds shares of AIG in two executions, and the broker has reported them. */
async function holding(...parts: readonly (readonly [shares: string, price: string])[]): Promise<AccountWorld> {
  const world = await AccountWorld.open();
  const all = parts.reduce((sum, [shares]) => sum + Number(shares), 0);
  const id = await world.enter({ shares: String(all), price: '50' });
  for (const [shares, price] of parts) world.account.fill(id, shares, price);
  await world.deliver();
  await world.minutes(2);
  return world;
}

/** The lots of the books: shares, symbol, price and cost. */
function lots({ state }: AccountWorld): readonly string[] {
  return allLots(state.book.lots).map(
    ({ quantity, symbol, price, amount }) =>
      `${quantity.shortText()} ${symbol} at ${price.shortText(2)} cost ${centsToDecimal(amount).shortText(2)}`,
  );
}

function expectBooksOfBroker(world: AccountWorld): void {
  const { books, broker } = world.both();
  expect(books).toEqual(broker);
  expect(foldedBooks(world.state).isBalanced()).toBe(true);
}

describe('splits and changes of symbol (TRD-4)', () => {
  test('a split changes shares, prices and stop; the cost stays to the cent, also in the stored books', async () => {
    const world = await holding(['40', '50'], ['60', '50.01']);
    const stop = [...world.state.positions.values()][0]?.stop;
    world.account.convert('AIG', '100', 'AIG', '200');
    await world.minutes(20);
    expectBooksOfBroker(world);
    expect(lots(world)).toEqual(['80 AIG at 25.00 cost 2000.00', '120 AIG at 25.005 cost 3000.60']);
    expect(world.sharesOfBot('AIG')).toBe('200');
    const [position] = [...world.state.positions.values()];
    expect(position === undefined ? '' : costPrice(position).shortText(2)).toBe('25.003');
    expect(stop).toBeDefined();
    // half of the stop, on the cent above
    expect([stop?.shortText(2), position?.stop?.shortText(2)]).toEqual(['49.01', '24.51']);
    expect(await world.events('SharesConverted')).toHaveLength(1);
    expect(await world.events('BrokerFactRefused')).toEqual([]);
    const stored = serializeBook(world.state.book);
    expect(serializeBook(parseBook(stored))).toBe(stored);
  });

  test('a reverse split with a rest that has no end: the lots add up to what the broker has', async () => {
    const world = await holding(['50', '50'], ['51', '50']);
    world.account.convert('AIG', '101', 'AIG', '33.666666667');
    await world.minutes(20);
    expectBooksOfBroker(world);
    expect(world.sharesOfBot('AIG')).toBe('33.666666667');
    expect(lots(world).map((lot) => lot.split(' cost ')[1])).toEqual(['2500.00', '2550.00']);
  });

  test('a renamed symbol keeps its lots and its stop', async () => {
    const world = await holding(['100', '50']);
    world.account.convert('AIG', '100', 'CRBG', '100');
    await world.minutes(20);
    expectBooksOfBroker(world);
    expect(lots(world)).toEqual(['100 CRBG at 50.00 cost 5000.00']);
    expect([world.sharesOfBot('AIG'), world.sharesOfBot('CRBG')]).toEqual(['', '100']);
    const [position] = [...world.state.positions.values()];
    expect(position?.stop).toBeDefined();
    expect((await world.events('SharesConverted'))[0]?.data).toMatchObject({
      kind: 'symbol_change',
      newSymbol: 'CRBG',
    });
  });

  test('a renamed position is closed under its new name, although the feed does not carry it', async () => {
    const world = await holding(['100', '50']);
    world.account.convert('AIG', '100', 'CRBG', '100');
    await world.minutes(400);
    const sent = world.account.submitted.filter(({ side }) => side === 'sell');
    expect(sent.map(({ symbol, quantity }) => `${quantity?.shortText() ?? ''} ${symbol}`)).toEqual(['100 CRBG']);
  });

  test('shares of others are split with those of the bot', async () => {
    const world = await holding(['100', '50']);
    world.account.fill(world.account.byHand('AIG', 'buy', '30'), '30', '51');
    await world.deliver();
    await world.minutes(2);
    world.account.convert('AIG', '130', 'AIG', '65');
    await world.minutes(20);
    expectBooksOfBroker(world);
    expect([world.sharesOfBot('AIG'), world.state.foreign.shares]).toEqual(['50', { AIG: '15' }]);
  });

  test('what the books do not hold is kept for a person, once, and changes nothing', async () => {
    const world = await holding(['100', '50']);
    const hand = world.account.byHand('AIG', 'buy', '20');
    world.account.fill(hand, '20', '50');
    world.account.convert('AIG', '120', 'AIG', '240');
    await world.deliver([]);
    await world.minutes(40);
    expect((await world.events('BrokerFactRefused')).map(({ data }) => data.code)).toEqual(['CONVERSION_SHARES']);
    expect(world.sharesOfBot('AIG')).toBe('100');
  });

  test('an execution from before a split is not taken back by its old number of shares', async () => {
    const world = await holding(['100', '50']);
    world.account.convert('AIG', '100', 'AIG', '200');
    await world.minutes(20);
    const [order] = [...world.state.orders.values()];
    world.account.bust(order!.intent.clientOrderId);
    await world.deliver();
    expect(world.sharesOfBot('AIG')).toBe('200');
    expect((await world.events('BrokerFactRefused')).map(({ data }) => data.code)).toEqual(['EXECUTION_UNKNOWN']);
  });
});

describe('a split without a record of the broker (Tradier, Interactive Brokers)', () => {
  const asked = { mismatchId: 'BM-1', price: null, against: null, entryId: null, until: null, reason: 'it was split' };

  /** 100 AIG at 50 have become 200 at the broker, which says what a share cost. */
  async function splitAtBroker(averagePrice: string): Promise<AccountWorld> {
    const world = await holding(['100', '50']);
    world.account.convertUnreported('AIG', '100', '200');
    world.account.averagePrice = averagePrice;
    await world.minutes(20);
    return world;
  }

  test('is a difference that names it; a person resolves it, and lots, stop and cost are those of the split', async () => {
    const world = await splitAtBroker('25.0018');
    expect(world.sharesOfBot('AIG')).toBe('100');
    const [view] = mismatchViews(await readComparison(world.journal));
    expect(view?.text).toContain('a 2-for-1 split would explain it (resolve it as a split when it was one)');
    const stop = [...world.state.positions.values()][0]?.stop;
    const drafts = resolutionDrafts(world.state, { ...asked, take: 'split' }, world.now);
    await world.append(STREAMS.accounting, ...drafts);
    await world.minutes(20);
    expectBooksOfBroker(world);
    expect(lots(world)).toEqual(['200 AIG at 25.00 cost 5000.00']);
    expect([stop?.shortText(2), [...world.state.positions.values()][0]?.stop?.shortText(2)]).toEqual([
      '49.00',
      '24.50',
    ]);
    expect((await world.events('BooksMismatchResolved')).map(({ data }) => [data.how, data.entryId])).toEqual([
      ['entry', 'split-BM-1'],
    ]);
    expect((await world.events('SharesConverted'))[0]?.data.description).toBe('2-for-1 split, BM-1: it was split');
    expect(() => resolutionDrafts(world.state, { ...asked, take: 'split' }, world.now)).toThrow('BM-1 is not open');
  });

  test('shares that were bought are no split: their cost says so, and nothing is recorded', async () => {
    const world = await splitAtBroker('50');
    expect(() => resolutionDrafts(world.state, { ...asked, take: 'split' }, world.now)).toThrow(
      'the shares cost 10000.00 at the broker and 5000.00 in the books',
    );
  });

  test.each([
    ['100', '150', '3-for-2 split'],
    ['-30', '-3', '1-for-10 reverse split'],
    ['100', '170', undefined],
    ['100', '-200', undefined],
    ['0', '200', undefined],
  ])('%s shares and %s shares: %s', (before, after, words) => {
    const ratio = splitOfShares(Decimal.parse(before), Decimal.parse(after));
    expect(ratio === undefined ? undefined : splitWords(ratio)).toBe(words);
  });
});
