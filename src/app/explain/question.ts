import { DEFAULT_ACCOUNTS } from '../../domain/accounting/coa.js';
import type { EventData, Position } from '../../events/event.js';
import { parseStrategyName, parseSymbol, type StrategyName, type TickerSymbol } from '../../events/names.js';
import { configError, type TradeBotError } from '../../kernel/errors.js';
import { parseDateText, type DateText } from '../../kernel/time.js';
import { isPosition, positionOfText } from '../as-of/moment-text.js';

/** Figures of the books: now, or of one session. */
const BOOK_FIGURES = ['equity', 'assets', 'liabilities', 'result', 'trading', 'realized', 'fees'] as const;
export type BookFigure = (typeof BOOK_FIGURES)[number];

/** What a session began with. */
const OPENING_FIGURES = ['equity', 'float', 'cap'] as const;
export type OpeningFigure = (typeof OPENING_FIGURES)[number];

/** What brings a session from its first to its last value; the value itself is the whole. */
const BRIDGE_PARTS = ['opening', 'other', 'unrealized', 'moved'] as const;
export type BridgePart = (typeof BRIDGE_PARTS)[number];

/** Figures of one symbol. */
const SYMBOL_FIGURES = ['position', 'cost', 'entry', 'stop', 'price', 'tostop'] as const;

/** Figures of closed positions: sums, averages, and the share with a gain. */
const TRADE_FIGURES = ['pnl', 'gross', 'charges', 'slippage', 'average', 'minutes', 'winrate', 'count'] as const;
export type TradeFigure = (typeof TRADE_FIGURES)[number];

/** Why a position was closed. */
const EXIT_REASONS: readonly string[] = [
  'stop_loss',
  'timeout',
  'manual',
  'target_hit',
  'kill',
  'orphaned',
] satisfies readonly EventData<'PositionClosed'>['exitReason'][];

/** Figures without a part after them. */
const WHOLE_FIGURES = ['cash', 'float', 'value', 'atwork', 'atstops', 'debits', 'credits'] as const;

/** Which closed positions a question is about; what is left out is not restricted. */
export interface TradeScope {
  readonly date?: DateText;
  /** All sessions up to this one. */
  readonly until?: DateText;
  readonly strategy?: StrategyName;
  readonly symbol?: TickerSymbol;
  /** Hour of the entry in New York, such as 09. */
  readonly hour?: string;
  /** Reason of the exit. */
  readonly reason?: string;
  /** Of the sessions that the strategy began with this value of a setting. */
  readonly setting?: { readonly key: string; readonly value: string };
}

/** The subject of a question (JRN-32). */
export type Question =
  /** An event, order, execution, signal, position, activity, ledger group or leg, by its id. */
  | { readonly about: 'id'; readonly id: string }
  /** The event at a position of the journal; a plain number that is no id is one too. */
  | { readonly about: 'event'; readonly position: Position }
  /** A figure as a whole: cash at the broker, the float, equity at last prices, capital at work, sums of balances. */
  | { readonly about: (typeof WHOLE_FIGURES)[number] }
  /** The balance of an account. */
  | { readonly about: 'account'; readonly code: string }
  /** A figure of the books; with a date the change in that session. */
  | { readonly about: 'books'; readonly figure: BookFigure; readonly date?: DateText }
  /** A figure of closed positions. */
  | ({ readonly about: 'trades'; readonly figure: TradeFigure } & TradeScope)
  /** Unrealized gain or loss at the last prices, of all holdings or one. */
  | { readonly about: 'unrealized'; readonly symbol?: TickerSymbol }
  /** The result of a session, realized and unrealized; the way from its first to its last value; how far it is below the best one. */
  | { readonly about: 'gain' | 'drawdown'; readonly date: DateText }
  | { readonly about: 'bridge'; readonly date: DateText; readonly part?: BridgePart }
  /** What a session began with: equity, or another of its figures. */
  | { readonly about: 'opening'; readonly date: DateText; readonly figure: OpeningFigure }
  /** The changes of a setting. */
  | { readonly about: 'setting'; readonly key: string }
  /** The position in a symbol, open or last closed: its shares, their cost, what one cost, its stop, its last price, or the way to the stop. */
  | { readonly about: (typeof SYMBOL_FIGURES)[number]; readonly symbol: TickerSymbol };

/** What can be asked, for help texts and error messages. */
export const ASKABLE =
  'a FITID or ledger group (with :LINE for one leg), a client order id, execution id, signal or position id, event id or ' +
  `journal position (110 or event:110), or a figure: cash, float, value, atwork, atstops, debits, credits, unrealized, equity, assets, liabilities, result, trading, realized, fees (each also of a session: fees:2026-01-05), account:${DEFAULT_ACCOUNTS.cash}, ` +
  'pnl (also gross, charges, slippage, average, minutes, winrate, count), pnl:2026-01-05, pnl:2026-01-05/open, pnl:open, pnl:until/2026-01-05, pnl:symbol/AIG, pnl:hour/10, pnl:reason/stop_loss, pnl:setting/open/TARGET_OPEN/2, ' +
  'opening:2026-01-05 (also /float and /cap), gain:2026-01-05, bridge:2026-01-05 (also /opening, /other, /unrealized, /moved), drawdown:2026-01-05, position:AIG, unrealized:AIG, cost:AIG, entry:AIG, price:AIG, stop:AIG, tostop:AIG, setting:MAX_TRADES';

/** A leg (`<FITID or group>:2`) is explained by its group. */
const LEG = /^([0-9a-f]{64}|[0-9a-f-]{36})[:/]\d{1,3}$/;
const DATE = /^\d{4}-/;
const HOUR = /^([01]\d|2[0-3])$/;

/** Reads a question. Throws ConfigError for a figure without what it needs, such as a date. */
export function questionOf(text: string): Question {
  const asked = text.trim();
  const cut = asked.indexOf(':');
  const [name, of] = cut < 0 ? [asked, ''] : [asked.slice(0, cut), asked.slice(cut + 1)];
  return figureQuestion(name, of) ?? { about: 'id', id: LEG.exec(asked)?.[1] ?? asked };
}

function figureQuestion(name: string, of: string): Question | undefined {
  const book = BOOK_FIGURES.find((figure) => figure === name);
  if (book !== undefined) return { about: 'books', figure: book, ...(of === '' ? {} : { date: parseDateText(of) }) };
  const ofSymbol = SYMBOL_FIGURES.find((figure) => figure === name);
  if (ofSymbol !== undefined) return { about: ofSymbol, symbol: parseSymbol(of) };
  const ofTrades = TRADE_FIGURES.find((figure) => figure === name);
  if (ofTrades !== undefined) return { about: 'trades', figure: ofTrades, ...scopeOf(of) };
  const whole = WHOLE_FIGURES.find((figure) => figure === name);
  if (whole !== undefined) {
    if (of !== '') throw needless(name, of);
    return { about: whole };
  }
  switch (name) {
    case 'event':
      if (!isPosition(of)) throw noPosition(of);
      return { about: 'event', position: positionOfText(of) };
    case 'account':
      return { about: 'account', code: of };
    case 'unrealized':
      return { about: name, ...(of === '' ? {} : { symbol: parseSymbol(of) }) };
    case 'opening':
      if (of === '') throw lacking(name, `${name}:2026-01-05`);
      return openingOf(of);
    case 'bridge':
      if (of === '') throw lacking(name, `${name}:2026-01-05`);
      return bridgeOf(of);
    case 'gain':
    case 'drawdown':
      if (of === '') throw lacking(name, `${name}:2026-01-05`);
      return { about: name, date: parseDateText(of) };
    case 'setting':
      return { about: 'setting', key: of };
    default:
      return undefined;
  }
}

/** `2026-01-05`, for the equity, or `2026-01-05/float`. */
function openingOf(of: string): Question {
  const [day = '', part = 'equity'] = cutAt(of);
  const figure = OPENING_FIGURES.find((one) => one === part);
  if (figure !== undefined) return { about: 'opening', date: parseDateText(day), figure };
  throw noPart(
    'that a session begins with',
    part,
    OPENING_FIGURES.map((one) => `opening:2026-01-05/${one}`),
  );
}

/** `2026-01-05`, from the first to the last value, or `2026-01-05/unrealized`, a part of it. */
function bridgeOf(of: string): Question {
  const [day = '', asked] = cutAt(of);
  const part = BRIDGE_PARTS.find((one) => one === asked);
  if (part === undefined && asked !== undefined)
    throw noPart(
      'of a bridge',
      asked,
      BRIDGE_PARTS.map((one) => `bridge:2026-01-05/${one}`),
    );
  return { about: 'bridge', date: parseDateText(day), ...(part === undefined ? {} : { part }) };
}

/** `2026-01-05`, `open`, `2026-01-05/open`, or a kind with its value, such as `symbol/AIG`; hours are of New York. */
function scopeOf(of: string): TradeScope {
  const [kind = '', value = ''] = cutAt(of);
  switch (kind) {
    case 'symbol':
      return { symbol: parseSymbol(value) };
    case 'until':
      return { until: parseDateText(value) };
    case 'reason':
      if (!EXIT_REASONS.includes(value)) throw noReason(value);
      return { reason: value };
    case 'hour':
      if (!HOUR.test(value)) throw noHour(value);
      return { hour: value };
    case 'setting': {
      const [strategy = '', rest = ''] = cutAt(value);
      const [key = '', text = ''] = cutAt(rest);
      return { strategy: parseStrategyName(strategy), setting: { key, value: text } };
    }
    default:
      if (of === '') return {};
      if (!DATE.test(of)) return { strategy: parseStrategyName(of) };
      return { date: parseDateText(kind), ...(kind === of ? {} : { strategy: parseStrategyName(value) }) };
  }
}

/** Before and after the first slash; a value may have more of them. */
function cutAt(text: string): readonly string[] {
  const cut = text.indexOf('/');
  return cut < 0 ? [text] : [text.slice(0, cut), text.slice(cut + 1)];
}

function noPart(of: string, asked: string, parts: readonly string[]): TradeBotError {
  return configError({
    code: 'BAD_QUESTION',
    message: `"${asked.slice(0, 40)}" is no figure ${of}`,
    remedy: `Ask for ${parts.join(', ')}.`,
  });
}

function noHour(value: string): TradeBotError {
  return configError({
    code: 'BAD_QUESTION',
    message: `"${value.slice(0, 40)}" is no hour of the day`,
    remedy: 'Ask for an hour of two digits in New York, such as pnl:hour/10.',
  });
}

function noReason(value: string): TradeBotError {
  return configError({
    code: 'BAD_QUESTION',
    message: `"${value.slice(0, 40)}" is no reason of an exit`,
    remedy: `Ask for ${EXIT_REASONS.map((one) => `pnl:reason/${one}`).join(', ')}.`,
  });
}

function noPosition(of: string): TradeBotError {
  return configError({
    code: 'BAD_QUESTION',
    message: `"${of.slice(0, 60)}" is no position of the journal`,
    remedy: 'Ask for the number that `tradebot events` prints first, such as event:110.',
  });
}

function lacking(name: string, example: string): TradeBotError {
  return configError({
    code: 'BAD_QUESTION',
    message: `${name} is a figure of a session, and no session was given`,
    remedy: `Ask for ${example}; result, trading, realized and fees are also known as a whole.`,
  });
}

function needless(name: string, of: string): TradeBotError {
  return configError({
    code: 'BAD_QUESTION',
    message: `${name} is one figure; "${of.slice(0, 40)}" after it means nothing`,
    remedy: `Ask for ${name} alone, or as of a moment: --at 2026-01-05.`,
  });
}
