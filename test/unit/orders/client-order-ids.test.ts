import { describe, expect, test } from '@jest/globals';
import {
  anotherBotOf,
  closingOrderId,
  isClosingOrderId,
  isOfThisBot,
  orderIdsFit,
  sessionOrderId,
} from '../../../src/domain/orders/client-order-ids.js';
import { parseBotIdentity, type BotIdentity } from '../../../src/kernel/identity.js';

const KEY = '0123456789ab';
/** Begins as KEY does: the short forms of both have one prefix. */
const SIMILAR_KEY = '012345ffffff';
const LONGEST_BOT = 51;
const SYMBOLS = ['A', 'AIG', 'BRK.B', 'BRK.A', 'ABCDEFGHIJKLMNOP'];
const NAMES = SYMBOLS.flatMap((symbol) =>
  Array.from({ length: 25 }, (_, index) => ({ key: KEY, symbol, number: index + 1 })),
);

/** A bot whose identity has this many characters. */
function botOf(length: number): BotIdentity {
  const codes: string[] = [];
  for (let left = length - 3; codes.length < 4;) {
    const size = Math.min(12, left - (3 - codes.length));
    codes.push('B'.repeat(size));
    left -= size;
  }
  return parseBotIdentity(codes.join('_'));
}

/** Brokers by the characters that they keep, with the longest bot that may trade there. */
describe.each([
  ['IBKR', 40, 24],
  ['ALPACA', 48, 32],
  ['SIM', 96, LONGEST_BOT],
  ['TRADIER', 127, LONGEST_BOT],
])('the order ids at %s (TRD-50)', (_broker, limit, longest) => {
  const bots = Array.from({ length: longest - 6 }, (_, index) => botOf(index + 7));

  test('every id of every bot that fits is within the limit, and no two are the same', () => {
    for (const bot of bots) {
      expect(orderIdsFit(bot, limit)).toBe(true);
      const closing = NAMES.map((name) => closingOrderId(bot, name, limit));
      const ids = [...closing, sessionOrderId(bot, '2026-11-30', 1), sessionOrderId(bot, '2026-11-30', 999_999)];
      expect(Math.max(...ids.map(({ length }) => length))).toBeLessThanOrEqual(limit);
      expect(new Set(ids).size).toBe(ids.length);
    }
  });

  test('the bot recognises all of them, and its closing orders among them', () => {
    for (const bot of bots) {
      const closing = NAMES.map((name) => closingOrderId(bot, name, limit));
      expect(closing.every((id) => isOfThisBot(bot, id) && isClosingOrderId(bot, KEY, id))).toBe(true);
      expect(closing.map((id) => anotherBotOf(bot, id))).toEqual(closing.map(() => undefined));
      const other = sessionOrderId(bot, '2026-11-30', 1);
      expect([isOfThisBot(bot, other), isClosingOrderId(bot, KEY, other)]).toEqual([true, false]);
    }
  });

  test('a bot that is one character longer does not fit', () => {
    expect(longest === LONGEST_BOT || !orderIdsFit(botOf(longest + 1), limit)).toBe(true);
  });
});

describe('the ids of a kill without a journal', () => {
  const bot = botOf(24);

  test('they name key, symbol and number where that fits, as in earlier versions', () => {
    const id = closingOrderId(parseBotIdentity('DEMO_US_IBKR_B01'), { key: KEY, symbol: 'BRK.B', number: 25 }, 40);
    expect(id).toBe('DEMO_US_IBKR_B01-G0123456789ab-BRK_B-25');
  });

  test('the short form is fixed: a kill of an earlier version finds its orders again', () => {
    expect(closingOrderId(bot, { key: KEY, symbol: 'AIG', number: 1 }, 40)).toBe(`${bot}-G0123451c09cc13`);
  });

  test('kills whose keys begin alike have other ids', () => {
    const ids = NAMES.map((name) => closingOrderId(bot, name, 40));
    const others = NAMES.map((name) => closingOrderId(bot, { ...name, key: SIMILAR_KEY }, 40));
    expect(new Set([...ids, ...others]).size).toBe(2 * NAMES.length);
  });

  test('orders of another kill, of another bot and of a person are not its own', () => {
    const ids = [
      closingOrderId(bot, { key: 'ba9876543210', symbol: 'AIG', number: 1 }, 40),
      closingOrderId(bot, { key: 'ba9876543210', symbol: 'AIG', number: 1 }, 96),
      closingOrderId(botOf(23), { key: KEY, symbol: 'AIG', number: 1 }, 40),
      `${bot}-G012345`,
      `${bot}-G012345-AIG-1234`,
      'by-hand',
    ];
    expect(ids.filter((id) => isClosingOrderId(bot, KEY, id))).toEqual([]);
  });

  test('an id that fits in no form is refused with its length and the remedy', () => {
    expect(() => closingOrderId(bot, { key: KEY, symbol: 'AIG', number: 1 }, 39)).toThrow(
      expect.objectContaining({
        code: 'CLIENT_ORDER_ID_TOO_LONG',
        message: expect.stringMatching(/order ids of 39 characters, and \S+ has 40$/),
        remedy: expect.stringContaining('at most 20 letters and digits'),
      }),
    );
  });
});
