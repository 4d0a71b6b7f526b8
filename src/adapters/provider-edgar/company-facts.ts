import type { Observation } from '../../domain/universe/observation.js';
import { Decimal } from '../../kernel/decimal.js';
import { DAY_MS } from '../../kernel/time.js';
import { isMembers, numberIn, textIn, type Members, type Observing } from '../provider-common/read-answer.js';

/** A fact as it was filed. */
interface Fact {
  readonly value: Decimal;
  /** Day of an amount, or last day of a period. */
  readonly end: string;
  readonly start: string | undefined;
  readonly filed: string;
  readonly form: string;
}

const ANNUAL = /^(10-K|20-F|40-F)/;
const YEAR_DAYS = { least: 340, most: 385 };

/**
 * Figures of a company from what it had filed by a day, each with its filing date. Debt is left out when no filing has one:
 * a fact that was not filed is not zero.
 */
export function readFacts(facts: Members, observing: Observing, by: string): readonly Observation[] {
  const of = (taxonomy: string, concept: string, unit: string): readonly Fact[] =>
    filed(facts, { taxonomy, concept, unit }, by);
  const shares = newest(of('dei', 'EntityCommonStockSharesOutstanding', 'shares'));
  const eps = newest(of('us-gaap', 'EarningsPerShareDiluted', 'USD/shares').filter(isOfYear));
  const gaap = (concept: string): readonly Fact[] =>
    of('us-gaap', concept, 'USD').filter(({ form }) => ANNUAL.test(form));
  const equity = newest(gaap('StockholdersEquity'));
  const debt = equity === undefined ? undefined : debtAt(gaap, equity.end);
  if (shares !== undefined && shares.value.sign() > 0) observing.note('shares_outstanding', shares.value, shares.filed);
  if (eps !== undefined) observing.note('eps', eps.value, eps.filed);
  if (equity !== undefined && debt !== undefined && equity.value.sign() !== 0) {
    observing.note('debt_equity', debt.divide(equity.value, { scale: 4, round: 'halfEven' }), equity.filed);
  }
  return observing.found;
}

interface Wanted {
  readonly taxonomy: string;
  readonly concept: string;
  readonly unit: string;
}

function filed(facts: Members, { taxonomy, concept, unit }: Wanted, by: string): readonly Fact[] {
  const rows = membersAt(membersAt(membersAt(facts, taxonomy), concept), 'units')[unit];
  if (!Array.isArray(rows)) return [];
  return rows.filter(isMembers).flatMap((row) => {
    const [value, end, day] = [numberIn(row, 'val'), textIn(row, 'end'), textIn(row, 'filed')];
    if (value === undefined || end === undefined || day === undefined || day > by) return [];
    return [{ value, end, start: textIn(row, 'start'), filed: day, form: textIn(row, 'form') ?? '' }];
  });
}

function membersAt(members: Members, name: string): Members {
  const value = members[name];
  return isMembers(value) ? value : {};
}

/** The latest period, as it was filed last: an amendment counts before what it amends. */
function newest(facts: readonly Fact[]): Fact | undefined {
  return facts.reduce<Fact | undefined>((best, fact) => {
    if (best === undefined) return fact;
    return fact.end > best.end || (fact.end === best.end && fact.filed >= best.filed) ? fact : best;
  }, undefined);
}

/** A fiscal year, not a quarter that the same form reports. */
function isOfYear({ form, start, end }: Fact): boolean {
  if (!ANNUAL.test(form) || start === undefined) return false;
  const days = (Date.parse(end) - Date.parse(start)) / DAY_MS;
  return days >= YEAR_DAYS.least && days <= YEAR_DAYS.most;
}

/** Debt on one day: the whole long-term debt, or its two parts, with what is borrowed for a short time. */
function debtAt(gaap: (concept: string) => readonly Fact[], day: string): Decimal | undefined {
  const at = (concept: string): Decimal | undefined => newest(gaap(concept).filter(({ end }) => end === day))?.value;
  const [noncurrent, current] = [at('LongTermDebtNoncurrent'), at('LongTermDebtCurrent')];
  const parts = noncurrent === undefined && current === undefined ? [] : [noncurrent, current];
  const long = at('LongTermDebt') ?? (parts.length === 0 ? undefined : sum(parts));
  const short = at('ShortTermBorrowings');
  return long === undefined && short === undefined ? undefined : sum([long, short]);
}

function sum(parts: readonly (Decimal | undefined)[]): Decimal {
  return Decimal.sum(parts.filter((part) => part !== undefined));
}
