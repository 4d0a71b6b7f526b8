import type { Bar, HaltChange, Price, Trade } from '../../domain/market/types.js';
import { PRICE_SCALE } from '../../domain/market/types.js';
import { canonicalSymbol } from '../../events/names.js';
import type { Decimal } from '../../kernel/decimal.js';
import type { TickerSymbol } from '../../events/names.js';
import type { SingleQuote } from '../feed-common/quote-minutes.js';
import type { Fields } from '../broker-common/fields.js';

/** A price in 1/10,000 dollar; the rules of the minute judge whether it is possible. */
function priceOf(value: Decimal): Price {
  return Number(value.rounded(PRICE_SCALE, 'halfEven').toUnits(PRICE_SCALE)) as Price;
}

/** Whole shares: trades of parts of a share count with what is whole. */
function sharesOf(value: Decimal): number {
  return Number(value.rounded(0, 'floor').toUnits(0));
}

const symbolOf = (message: Fields): TickerSymbol => canonicalSymbol(message.text('S'));

/** A bar of the stream, or of the history with its symbol. @throws DataError FIELD_UNREADABLE */
export function readBar(message: Fields, symbol = symbolOf(message)): Bar {
  const at = (name: string): Price => priceOf(message.decimal(name));
  const prices = { open: at('o'), high: at('h'), low: at('l'), close: at('c') };
  return { symbol, start: message.time('t'), ...prices, volume: sharesOf(message.decimal('v')) };
}

export function readTrade(message: Fields): Trade {
  const facts = { id: message.text('i'), symbol: symbolOf(message), at: message.time('t') };
  return { ...facts, price: priceOf(message.decimal('p')), size: sharesOf(message.decimal('s')) };
}

export function readQuote(message: Fields): SingleQuote {
  const side = (name: string): Price | undefined => {
    const value = message.decimalOr(name, undefined);
    return value === undefined || value.sign() <= 0 ? undefined : priceOf(value);
  };
  const size = (name: string): number => {
    const value = message.decimalOr(name, undefined);
    return value === undefined ? 0 : sharesOf(value);
  };
  const facts = { symbol: symbolOf(message), at: message.time('t') };
  return { ...facts, bid: side('bp'), ask: side('ap'), bidSize: size('bs'), askSize: size('as') };
}

/** Codes of both plans of consolidated data: halts and pauses, and what ends them. */
const HALTED = ['2', 'H', 'P', 'M', 'F'];
const RESUMED = ['3', 'T', 'Q5'];

/** A change of the trading status; undefined for one that neither halts nor resumes. */
export function readStatus(message: Fields): HaltChange | undefined {
  const code = message.textOr('sc', '');
  const words = message.textOr('sm', '').toLowerCase();
  const state = HALTED.includes(code) || (/halt|pause/.test(words) && !words.includes('resum')) ? 'halted' : undefined;
  const after = RESUMED.includes(code) || /trading resum|^resume|^trading$/.test(words) ? 'resumed' : undefined;
  const found = after ?? state;
  return found === undefined ? undefined : { symbol: symbolOf(message), at: message.time('t'), state: found };
}

/** What an error of the stream means and what to do, by its code. */
const ERRORS: Readonly<Record<string, string>> = {
  '400': 'it did not understand a message',
  '401': 'the log-in is missing',
  '402': 'the key was refused: enter the key of this account under secrets',
  '403': 'it is logged in already',
  '404': 'the log-in came too late',
  '405': 'too many symbols for the plan of this account: trade fewer symbols, or change the plan at Alpaca',
  '406': 'another program is connected with this key, or a dead connection still counts: end the other one, or wait',
  '407': 'this machine is too slow for the data',
  '409': 'the plan of this account does not include this data',
  '410': 'the plan of this account does not allow this action',
  '500': 'it has a fault of its own',
};

/** An error of the stream in plain words. */
export function streamError(message: Fields): string {
  const code = message.textOr('code', '');
  const known = ERRORS[code];
  return known === undefined
    ? `error ${code.slice(0, 10)}: ${message.textOr('msg', '').slice(0, 100)}`
    : `${known} (${code})`;
}
