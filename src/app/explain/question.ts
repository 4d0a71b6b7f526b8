import { DEFAULT_ACCOUNTS } from '../../domain/accounting/coa.js';
import type { Position } from '../../events/event.js';
import { parseStrategyName, parseSymbol, type StrategyName, type TickerSymbol } from '../../events/names.js';
import { configError, type TradeBotError } from '../../kernel/errors.js';
import { parseDateText, type DateText } from '../../kernel/time.js';
import { positionOfText } from '../as-of/moment-text.js';

/** Figures of the books: now, or of one session. */
const BOOK_FIGURES = ['equity', 'assets', 'liabilities', 'result', 'trading', 'realized', 'fees'] as const;
export type BookFigure = (typeof BOOK_FIGURES)[number];

/** What a session began with. */
const OPENING_FIGURES = ['equity', 'float', 'cap'] as const;
export type OpeningFigure = (typeof OPENING_FIGURES)[number];

/** Figures of one symbol. */
const SYMBOL_FIGURES = ['position', 'cost', 'stop'] as const;

/** The subject of a question (JRN-32). */
export type Question =
  /** An event, order, execution, signal, position, activity, ledger group or leg, by its id. */
  | { readonly about: 'id'; readonly id: string }
  /** The event at a position of the journal; a plain number that is no id is one too. */
  | { readonly about: 'event'; readonly position: Position }
  /** Cash at the broker. */
  | { readonly about: 'cash' }
  /** The balance of an account. */
  | { readonly about: 'account'; readonly code: string }
  /** A figure of the books; with a date the change in that session. */
  | { readonly about: 'books'; readonly figure: BookFigure; readonly date?: DateText }
  /** The net P&L of closed positions: of a session, a strategy, a symbol, an hour of entry, or all. */
  | {
      readonly about: 'pnl';
      readonly date?: DateText;
      readonly strategy?: StrategyName;
      readonly symbol?: TickerSymbol;
      readonly hour?: string;
    }
  /** The share of closed positions with a gain; of one session, of one strategy, or of all. */
  | { readonly about: 'winrate'; readonly date?: DateText; readonly strategy?: StrategyName }
  /** The capital that the bot may trade with. */
  | { readonly about: 'float' }
  /** Unrealized gain or loss at the last prices, of all holdings or one. */
  | { readonly about: 'unrealized'; readonly symbol?: TickerSymbol }
  /** Equity with positions at their last prices. */
  | { readonly about: 'value' }
  /** The result of a session, realized and unrealized; or the way from its first to its last value. */
  | { readonly about: 'gain' | 'bridge'; readonly date: DateText }
  /** What a session began with: equity, or another of its figures. */
  | { readonly about: 'opening'; readonly date: DateText; readonly figure: OpeningFigure }
  /** The changes of a setting. */
  | { readonly about: 'setting'; readonly key: string }
  /** The position in a symbol, open or last closed: its shares, their cost, or its stop. */
  | { readonly about: (typeof SYMBOL_FIGURES)[number]; readonly symbol: TickerSymbol };

/** What can be asked, for help texts and error messages. */
export const ASKABLE =
  'a FITID or ledger group (with :LINE for one leg), a client order id, execution id, signal or position id, event id or ' +
  `journal position (110 or event:110), or a figure: cash, float, value, unrealized, equity, assets, liabilities, result, trading, realized, fees (each also of a session: fees:2026-01-05), account:${DEFAULT_ACCOUNTS.cash}, ` +
  'pnl, pnl:2026-01-05, pnl:2026-01-05/open, pnl:symbol/AIG, pnl:hour/10, winrate, winrate:2026-01-05, winrate:open, opening:2026-01-05 (also /float and /cap), gain:2026-01-05, bridge:2026-01-05, position:AIG, unrealized:AIG, ' +
  'cost:AIG, stop:AIG, setting:MAX_TRADES';

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
  switch (name) {
    case 'cash':
    case 'float':
    case 'value':
      if (of !== '') throw needless(name, of);
      return { about: name };
    case 'event':
      return { about: 'event', position: positionOfText(of) };
    case 'account':
      return { about: 'account', code: of };
    case 'unrealized':
      return { about: name, ...(of === '' ? {} : { symbol: parseSymbol(of) }) };
    case 'opening':
      if (of === '') throw lacking(name, `${name}:2026-01-05`);
      return openingOf(of);
    case 'gain':
    case 'bridge':
      if (of === '') throw lacking(name, `${name}:2026-01-05`);
      return { about: name, date: parseDateText(of) };
    case 'setting':
      return { about: 'setting', key: of };
    case 'winrate':
      return { about: 'winrate', ...scopeOf(of) };
    case 'pnl':
      return { about: 'pnl', ...pnlScopeOf(of) };
    default:
      return undefined;
  }
}

/** `2026-01-05`, for the equity, or `2026-01-05/float`. */
function openingOf(of: string): Question {
  const [day = '', part = 'equity'] = of.split('/', 2);
  const figure = OPENING_FIGURES.find((one) => one === part);
  if (figure !== undefined) return { about: 'opening', date: parseDateText(day), figure };
  throw configError({
    code: 'BAD_QUESTION',
    message: `"${part.slice(0, 40)}" is no figure that a session begins with`,
    remedy: `Ask for ${OPENING_FIGURES.map((one) => `opening:2026-01-05/${one}`).join(', ')}.`,
  });
}

/** As `scopeOf`, or `symbol/AIG`, or `hour/10` in New York. */
function pnlScopeOf(of: string): Omit<Extract<Question, { about: 'pnl' }>, 'about'> {
  const cut = of.indexOf('/');
  const [kind, value] = [of.slice(0, cut), of.slice(cut + 1)];
  if (kind === 'symbol') return { symbol: parseSymbol(value) };
  if (kind !== 'hour') return scopeOf(of);
  if (HOUR.test(value)) return { hour: value };
  throw configError({
    code: 'BAD_QUESTION',
    message: `"${value.slice(0, 40)}" is no hour of the day`,
    remedy: 'Ask for an hour of two digits in New York, such as pnl:hour/10.',
  });
}

/** `2026-01-05`, `open` or `2026-01-05/open`. */
function scopeOf(of: string): { readonly date?: DateText; readonly strategy?: StrategyName } {
  if (of === '') return {};
  if (!DATE.test(of)) return { strategy: parseStrategyName(of) };
  const cut = of.indexOf('/');
  if (cut < 0) return { date: parseDateText(of) };
  return { date: parseDateText(of.slice(0, cut)), strategy: parseStrategyName(of.slice(cut + 1)) };
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
