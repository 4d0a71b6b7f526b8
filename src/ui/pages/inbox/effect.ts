import type { components } from '../../generated/api.js';
import { dollars, grouped } from '../../lib/format.js';
import { inbox as texts } from './messages.js';

/** An open difference. */
export type Mismatch = components['schemas']['MismatchAnswer'];

/** The resolution as it was filled in. */
export interface Resolution extends Record<string, unknown> {
  readonly take: components['schemas']['ResolveInput']['take'];
  readonly price: string;
  readonly against: string;
  readonly entryId: string;
  readonly until: string;
  readonly reason: string;
}

/** What the resolution does to the books, in sentences, before it is recorded. */
export function effectOf(of: Mismatch, { take, against, entryId }: Resolution): readonly string[] {
  const { effects } = texts;
  if (take === 'books') return [effects.books, effects.proof];
  if (take === 'entry') return entryId === '' ? [effects.entryUnnamed] : [effects.entry(entryId), effects.proof];
  if (take === 'split') return [effects.split(of.symbol ?? '', grouped(of.broker)), effects.proof];
  const isCash = of.subject === 'cash';
  const entry = isCash
    ? effects.cash(dollars(of.difference), dollars(of.broker))
    : effects.shares(grouped(of.difference), of.symbol ?? '', grouped(of.broker));
  return [entry, sideOf(isCash, against), effects.proof];
}

function sideOf(isCash: boolean, against: string): string {
  const { effects } = texts;
  if (against === 'cash' && !isCash) return effects.againstCashShares;
  if (against !== '') return effects.againstAccount(against);
  return isCash ? effects.againstAccount('the opening balance') : effects.againstDefault;
}

/** The body of the request: only the fields that the resolution takes. */
export function requestOf(of: Mismatch, typed: Resolution): components['schemas']['ResolveInput'] {
  const { take, price, against, entryId, until, reason } = typed;
  const given = (name: 'price' | 'against' | 'entryId' | 'until', value: string) =>
    value.trim() === '' ? {} : { [name]: value.trim() };
  return {
    ...{ mismatchId: of.mismatchId, take, reason },
    ...(take === 'broker' ? { ...given('price', price), ...given('against', against) } : {}),
    ...(take === 'books' ? given('until', until) : {}),
    ...(take === 'entry' ? given('entryId', entryId) : {}),
  };
}
