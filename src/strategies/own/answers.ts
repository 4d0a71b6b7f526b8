import type { Figures } from '../../events/names.js';
import type { Decimal } from '../../kernel/decimal.js';
import { ratio, ratioText } from '../figures.js';
import type { Reason, Signal } from '../strategy.js';
import { ownCodeFailed } from './own-code.js';

const CODE = /^[A-Z][A-Z0-9_]{0,59}$/;
const FIGURE_NAME = /^[A-Za-z][A-Za-z0-9_]{0,39}$/;
const MOST_FIGURES = 20;
const LONGEST_FIGURE = 60;
/** Beyond it six decimals are more than a number holds. */
const LARGEST_FIGURE = 1e9;

/** The answers to `analyze`, one for each symbol that was asked about. Throws TradeBotError STRATEGY_ANSWER. */
export function analysisAnswer(
  file: string,
  answers: unknown,
  count: number,
): readonly (Reason | { readonly fitness: Decimal; readonly figures: Figures })[] {
  if (!Array.isArray(answers) || answers.length !== count)
    throw wrong(file, 'analyze', 'an answer for each symbol', answers);
  return answers.map((answer: unknown) => {
    const { fitness, figures } = recordOf(file, 'analyze', answer);
    if (fitness === undefined) return reasonOf(file, 'analyze', answer);
    if (typeof fitness !== 'number' || !(fitness >= 0 && fitness <= 1)) {
      throw wrong(file, 'analyze', 'a fitness from 0 to 1', fitness);
    }
    return { fitness: ratio(fitness), figures: figuresOf(file, 'analyze', figures) };
  });
}

/** The answer to `signal`. Throws TradeBotError STRATEGY_ANSWER. */
export function signalAnswer(file: string, answer: unknown): Reason | Pick<Signal, 'side' | 'rule' | 'figures'> {
  const { side, rule, figures } = recordOf(file, 'signal', answer);
  if (side === undefined) return reasonOf(file, 'signal', answer);
  if (side !== 'long' && side !== 'short') throw wrong(file, 'signal', 'long or short as its side', side);
  if (typeof rule !== 'string' || !CODE.test(rule))
    throw wrong(file, 'signal', 'a rule in capitals, such as BREAKOUT,', rule);
  return { side, rule, figures: figuresOf(file, 'signal', figures) };
}

/** The answer to `manage`: a reason to close the position, or none. Throws TradeBotError STRATEGY_ANSWER. */
export function manageAnswer(file: string, answer: unknown): Reason | undefined {
  return answer === null ? undefined : reasonOf(file, 'manage', answer);
}

function reasonOf(file: string, method: string, answer: unknown): Reason {
  const { code, figures } = recordOf(file, method, answer);
  if (typeof code !== 'string' || !CODE.test(code)) {
    throw wrong(file, method, 'a code in capitals, such as INSIDE_RANGE,', code);
  }
  return { code, figures: figuresOf(file, method, figures) };
}

function figuresOf(file: string, method: string, figures: unknown): Figures {
  if (figures === undefined) return {};
  const entries = Object.entries(recordOf(file, method, figures));
  if (entries.length > MOST_FIGURES) throw wrong(file, method, `at most ${MOST_FIGURES} figures`, entries.length);
  return Object.fromEntries(
    entries.map(([name, value]) => {
      if (!FIGURE_NAME.test(name)) throw wrong(file, method, 'names of figures in letters and digits', name);
      return [name, figureOf(file, method, value)] as const;
    }),
  );
}

function figureOf(file: string, method: string, value: unknown): string {
  if (typeof value === 'number' && Math.abs(value) <= LARGEST_FIGURE) return ratioText(value);
  if (typeof value === 'string' && value.length <= LONGEST_FIGURE && !/[\u0000-\u001f\u007f]/.test(value)) return value;
  throw wrong(file, method, `numbers up to ${LARGEST_FIGURE} or short words as figures`, value);
}

function recordOf(file: string, method: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Readonly<Record<string, unknown>>;
  throw wrong(file, method, 'an object', value);
}

/** A number that is none reaches TradeBot as null. */
function wrong(file: string, method: string, expected: string, got: unknown): Error {
  const shown = got === undefined ? 'nothing' : JSON.stringify(got).slice(0, 80);
  return ownCodeFailed('STRATEGY_ANSWER', `${file}: ${method} must answer ${expected} and answered ${shown}`);
}
