import { SecType } from '@stoqey/ib';
import { CONTRACT_UNITS, optionSymbol } from '../../domain/options/contract-name.js';
import type { TickerSymbol } from '../../events/names.js';
import type { Decimal } from '../../kernel/decimal.js';
import { TradeBotError } from '../../kernel/errors.js';
import { dateOf, type DateText, type EpochMs } from '../../kernel/time.js';
import type { OptionQuote } from '../../domain/options/option-chain.js';
import type { OptionQuestion } from '../../ports/reference-data.js';
import { plainContract, type Contracts } from './contracts.js';
import type { GatewayLine } from './gateway-line.js';
import { gatewaySymbol, optionClass } from './symbols.js';

const [BID, ASK, MODEL] = [1, 2, 13];
/** Lines of market data that one chain takes at once, and how long a quote is waited for. */
const MOST_CONTRACTS = 20;
const QUOTE_WAIT_MS = 5_000;
const SHARES = CONTRACT_UNITS.shortText();

interface Listed {
  readonly expiries: Set<string>;
  readonly strikes: Map<string, Decimal>;
}

/** The quotes of the options that a question is about. @throws NetworkError (retry) when the gateway does not answer */
export async function optionChain(
  { line, contracts }: { readonly line: GatewayLine; readonly contracts: Contracts },
  symbol: TickerSymbol,
  question: OptionQuestion,
): Promise<readonly OptionQuote[]> {
  const details = await contracts.details(symbol);
  if (details === undefined) return [];
  const listed = await askListed(line, symbol, details.contract.conId);
  const chosen = choose(listed, question);
  return Promise.all(chosen.map((each) => quoteOf(line, symbol, each)));
}

/** Expiries and strikes of the standard contracts of 100 shares: those that were adjusted have a class of their own. */
function askListed(line: GatewayLine, symbol: TickerSymbol, conId: number): Promise<Listed> {
  const listed: Listed = { expiries: new Set(), strikes: new Map() };
  const name = gatewaySymbol(symbol);
  const standard = optionClass(symbol);
  return line.ask<Listed>({
    what: `the options of ${symbol}`,
    ask: (id) => (encoder) => encoder.reqSecDefOptParams(id, name, '', SecType.STK, conId),
    take: (message, id) => {
      if (
        message.kind === 'optionParameters' &&
        message.reqId === id &&
        message.multiplier === SHARES &&
        message.tradingClass === standard
      ) {
        for (const expiry of message.expiries) listed.expiries.add(expiry);
        for (const strike of message.strikes) listed.strikes.set(strike.shortText(), strike);
      }
      return message.kind === 'optionParametersEnd' && message.reqId === id ? { answer: listed } : undefined;
    },
  });
}

type Contracted = Pick<OptionQuote, 'expiry' | 'strike' | 'right'>;

function choose({ expiries, strikes }: Listed, { right, from, to, near, most }: OptionQuestion): readonly Contracted[] {
  const days = [...expiries].flatMap((text) => dateText(text) ?? []).filter((day) => day >= from && day <= to);
  const distance = (strike: Decimal): Decimal => strike.minus(near).abs();
  const nearest = [...strikes.values()].sort((a, b) => distance(a).compare(distance(b)) || a.compare(b));
  const all = days.sort().flatMap((expiry) => nearest.map((strike) => ({ expiry, strike, right })));
  const each = Math.max(1, Math.floor(Math.min(most, MOST_CONTRACTS) / Math.max(days.length, 1)));
  return all.filter(({ strike }) => nearest.indexOf(strike) < each).slice(0, Math.min(most, MOST_CONTRACTS));
}

function dateText(expiry: string): DateText | undefined {
  const match = /^(\d{4})(\d{2})(\d{2})$/.exec(expiry);
  const at = match === null ? Number.NaN : Date.parse(`${match.slice(1).join('-')}T00:00:00.000Z`);
  return Number.isNaN(at) ? undefined : dateOf(at as EpochMs);
}

/** One quote; what the market does not show in time is null. */
async function quoteOf(line: GatewayLine, symbol: TickerSymbol, option: Contracted): Promise<OptionQuote> {
  const name = optionSymbol({ ...option, underlying: symbol });
  const quote = {
    ...option,
    bid: null as Decimal | null,
    ask: null as Decimal | null,
    impliedVolatility: null as Decimal | null,
    underlying: null as Decimal | null,
  };
  // one that has no symbol here is never traded: its quote is not asked for
  if (name === undefined) return quote;
  const contract = plainContract(name);
  const question = {
    what: `the quote of ${name}`,
    ask: (id: number) => (encoder: EncoderOf) => encoder.reqMktData(id, contract, '', false, false),
    stop: (id: number) => (encoder: EncoderOf) => encoder.cancelMktData(id),
    take: (message: MessageOfLine, id: number) => {
      if (!('reqId' in message) || message.reqId !== id) return undefined;
      if (message.kind === 'tickPrice' && message.price !== undefined && message.price.sign() > 0) {
        if (message.tick === BID) quote.bid = message.price;
        if (message.tick === ASK) quote.ask = message.price;
      }
      if (message.kind === 'optionFigures' && message.tick === MODEL) {
        quote.impliedVolatility = positive(message.impliedVolatility);
        quote.underlying = positive(message.underlying);
      }
      const whole = quote.bid !== null && quote.ask !== null && quote.impliedVolatility !== null;
      return whole ? { answer: quote } : undefined;
    },
    // a contract that is not listed at this strike, or without market data
    onError: () => ({ answer: quote }),
  };
  try {
    return await line.ask<OptionQuote>(question, QUOTE_WAIT_MS);
  } catch (error) {
    if (error instanceof TradeBotError && error.code === 'NO_ANSWER') return quote;
    throw error;
  }
}

/** A model that has no figure sends -1, or -2. */
function positive(figure: Decimal | undefined): Decimal | null {
  return figure !== undefined && figure.sign() > 0 ? figure : null;
}

type EncoderOf = Parameters<Parameters<GatewayLine['send']>[1]>[0];
type MessageOfLine = Parameters<GatewayLine['questions']['offer']>[0];
