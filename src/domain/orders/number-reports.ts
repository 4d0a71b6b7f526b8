import { Decimal } from '../../kernel/decimal.js';
import { toUtcText, type EpochMs } from '../../kernel/time.js';
import { isSame, isWithoutCharge, type FillReport, type Numbered } from './decide-execution.js';
import { historyOf, type Execution, type ExecutionHistory, type Order } from './order.js';

type Report = {
  readonly kind: string;
  readonly at?: EpochMs;
  readonly executionId?: string;
  readonly correctsExecutionId?: string;
};

/**
 * Numbers the reports of a query result by execution id. The list has every report once and in order, so it separates a
 * second booking under one id from a repetition (P2). The numbers are those of the bookings that `order` has: a booking that the
 * journal never took, because its report was lost and it was busted since, is no reason to take the next one twice, and its bust,
 * with the number 0, ends no other.
 */
export function numberReports<R extends Report>(
  reports: readonly R[],
  order: Pick<Order, 'history'>,
): readonly (R & Pick<Numbered, 'occurrence'>)[] {
  const { numbers, lists } = listed(reports);
  const places = new Map([...lists].map(([id, list]) => [id, numbersOf(list, historyOf(order, id))]));
  return reports.map((report, index) => {
    const id = report.executionId;
    if (id === undefined) return report;
    const number = numbers[index] ?? 0;
    const place = places.get(id)?.[number - 1];
    if (place === undefined) return { ...report, occurrence: number };
    return { ...report, occurrence: report.kind === 'busted' ? place.ended : place.booked };
  });
}

/** The bookings of an execution id as a list has them, and the reports that end the first of them. */
interface Listed {
  readonly bookings: readonly Report[];
  readonly endings: readonly Report[];
}

/** For each report its number among those of its kind and id, and the bookings of each id. */
function listed(reports: readonly Report[]): {
  readonly numbers: readonly number[];
  readonly lists: ReadonlyMap<string, Listed>;
} {
  const lists = new Map<string, Listed>();
  const of = (id: string): Listed => lists.get(id) ?? { bookings: [], endings: [] };
  const isLive = (id: string): boolean => of(id).bookings.length > of(id).endings.length;
  const end = (id: string, report: Report): number => {
    const { bookings, endings } = of(id);
    lists.set(id, { bookings, endings: [...endings, report] });
    return endings.length + 1;
  };
  const book = (id: string, report: Report): number => {
    const { bookings, endings } = of(id);
    lists.set(id, { bookings: [...bookings, report], endings });
    return bookings.length + 1;
  };
  const numbers = reports.map((report) => {
    const { kind, executionId: id, correctsExecutionId: corrected } = report;
    if (id === undefined) return 0;
    if (kind === 'busted') return isLive(id) ? end(id, report) : of(id).endings.length;
    if (kind === 'corrected' && corrected !== undefined && isLive(corrected)) end(corrected, report);
    return isLive(id) ? of(id).bookings.length : book(id, report);
  });
  return { numbers, lists };
}

/** A listed booking among those that are known: the number that it has there, and the one that its end has. */
interface Place {
  readonly booked: number;
  readonly ended: number;
}

function numbersOf({ bookings, endings }: Listed, history: ExecutionHistory): readonly Place[] {
  const replaced = chargedLater(bookings, history.bookings);
  const known = history.bookings.filter((booking) => !replaced.includes(booking));
  const places = placesOf(bookings, known).map(({ booked, ended }) => ({
    booked: booked + replaced.length,
    ended: ended === 0 ? 0 : ended + replaced.length,
  }));
  const last = places.at(-1);
  const stands = bookings.length > endings.length;
  if (last === undefined || !stands || last.booked !== history.bookings.length) return places;
  // what ended it here was the end of another one at the same time
  const isAtEnd = (report: Report | undefined): boolean =>
    report?.at !== undefined && toUtcText(report.at) === history.endedAt;
  const endedHere = places.slice(0, endings.length).filter(({ ended }) => ended > 0).length + replaced.length;
  const isEndedWrongly = isAtEnd(bookings.at(-1)) && isAtEnd(endings.at(-1)) && history.endings > endedHere;
  return isEndedWrongly ? [...places.slice(0, -1), { ...last, booked: last.booked + 1 }] : places;
}

/** Bookings without a charge that one with it replaced: a list that has the charge from the start does not have them. */
function chargedLater(listed: readonly Report[], known: readonly Execution[]): readonly Execution[] {
  const isListed = (booking: Execution): boolean => listed.some((report) => isFill(report) && isSame(booking, report));
  return known.filter((booking, index) => {
    const next = known[index + 1];
    return next !== undefined && isWithoutCharge(booking) && isSameFigures(booking, next) && !isListed(booking);
  });
}

function isSameFigures(a: Execution, b: Execution): boolean {
  return a.quantity.equals(b.quantity) && a.price.equals(b.price) && a.filledAt === b.filledAt;
}

/** For each listed booking of an id its number among those that are known; beyond them, the next ones. */
function placesOf(listed: readonly Report[], known: readonly Execution[]): readonly Place[] {
  let found = 0;
  let beyond = 0;
  const places = listed.map((report) => {
    const next = known[found];
    const isKnown = next !== undefined && isFill(report) && isSame(next, report);
    if (next === undefined) beyond += 1;
    else if (isKnown) found += 1;
    const booked = found + beyond;
    return { booked, ended: next === undefined || isKnown ? booked : 0 };
  });
  // other figures than the known ones: the list is of another kind, and the order of its bookings is all there is
  return found === known.length ? places : listed.map((_report, index) => ({ booked: index + 1, ended: index + 1 }));
}

function isFill(report: Report): report is Report & FillReport {
  return (
    'quantity' in report && report.quantity instanceof Decimal && 'price' in report && report.price instanceof Decimal
  );
}
