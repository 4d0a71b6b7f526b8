import type { FigureName, Observation, Provenance } from '../../domain/universe/observation.js';
import { canonicalSymbol } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import { TradeBotError } from '../../kernel/errors.js';
import { parseExactJson } from '../broker-common/exact-json.js';
import { notAnAnswer } from './provider-http.js';

export type Members = Readonly<Record<string, unknown>>;

export function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Decimal);
}

/** The value of an answer with exact numbers. Throws PROVIDER_ANSWER for what is no JSON. */
function answerValue(source: string, path: string, text: string): unknown {
  try {
    return parseExactJson(text);
  } catch (error) {
    if (error instanceof TradeBotError) throw notAnAnswer(source, path, error.message);
    throw error;
  }
}

/** The members of an object. Throws PROVIDER_ANSWER for anything else, also for the object of an error. */
export function answerObject(source: string, path: string, text: string): Members {
  const value = answerValue(source, path, text);
  if (!isMembers(value)) throw notAnAnswer(source, path, 'it is not an object');
  const { error } = value;
  if (typeof error === 'string') throw notAnAnswer(source, path, error.slice(0, 120));
  return value;
}

/** The objects of a list. Throws PROVIDER_ANSWER for anything else; items of another kind are left out. */
export function answerList(source: string, path: string, text: string): readonly Members[] {
  const value = answerValue(source, path, text);
  if (!Array.isArray(value)) throw notAnAnswer(source, path, 'it is not a list');
  return value.filter(isMembers);
}

/** A number of an answer; undefined when it is missing, null or of another kind. */
export function numberIn(members: Members, name: string): Decimal | undefined {
  const value = members[name];
  if (value instanceof Decimal) return value;
  return typeof value === 'string' && /^-?\d+(\.\d{1,18})?$/.test(value) ? Decimal.parse(value) : undefined;
}

/** A text of an answer; undefined when it is missing, empty or of another kind. */
export function textIn(members: Members, name: string): string | undefined {
  const value = members[name];
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

/** Writes the observations of one symbol; a figure that is not known is left out. */
export class Observing {
  readonly found: Observation[] = [];

  constructor(
    private readonly symbol: string,
    private readonly provenance: Provenance,
  ) {}

  note(figure: FigureName, value: string | Decimal | undefined, asOf: string | null = null): this {
    if (value === undefined) return this;
    const text = typeof value === 'string' ? value : value.shortText();
    this.found.push({ symbol: canonicalSymbol(this.symbol), figure, value: text, asOf, ...this.provenance });
    return this;
  }
}

/** The query of a path by its names. */
export function queryOf(path: string): URLSearchParams {
  return new URLSearchParams(path.split('#')[0]?.split('?')[1] ?? '');
}

/** The part of a path before its query. */
export function routeOf(path: string): string {
  return path.split(/[?#]/)[0] ?? '';
}
