import type { Decimal } from '../../../src/kernel/decimal.js';

/** How a broker whose JSON was made from XML writes a list without items. */
export type NothingStyle = 'text' | 'null' | 'missing';

export interface WireAnswer {
  readonly status: number;
  readonly body: string;
  readonly type: string;
}

/** JSON in which decimals are numbers of their digits. */
export function jsonText(value: unknown): string {
  const marked = JSON.stringify(value, (_name, one: unknown) => (one instanceof Marked ? one.text : one));
  return marked.replace(/"#num (-?[\d.]+)"/g, '$1');
}

class Marked {
  constructor(readonly text: string) {}
}

/** A decimal as a number of the wire. */
export function num(value: Decimal | number): unknown {
  return new Marked(`#num ${typeof value === 'number' ? String(value) : value.shortText()}`);
}

export const ok = (value: unknown): WireAnswer => ({ status: 200, body: jsonText(value), type: 'application/json' });
export const plain = (status: number, body: string): WireAnswer => ({ status, body, type: 'text/plain' });
export const fault = (status: number, faultstring: string, errorcode = 'steps.general'): WireAnswer => ({
  status,
  body: jsonText({ fault: { faultstring, detail: { errorcode } } }),
  type: 'application/json',
});

/** A list: many items are an array, one is an object, none is spelled in one of three ways. */
export function list(root: string, item: string, items: readonly unknown[], nothing: NothingStyle): unknown {
  if (items.length === 0) return nothing === 'missing' ? {} : { [root]: nothing === 'text' ? 'null' : null };
  return { [root]: { [item]: items.length === 1 ? items[0] : items } };
}

/** A refusal with HTTP 200. */
export function refusals(texts: readonly string[]): WireAnswer {
  return ok({ errors: { error: texts.length === 1 ? texts[0] : texts } });
}
