import { Decimal } from '../../kernel/decimal.js';
import { isSame, isWithoutCharge, type FillReport, type Numbered } from './decide-execution.js';
import { historyOf, type Execution, type Order } from './order.js';

type Report = { readonly kind: string; readonly executionId?: string; readonly correctsExecutionId?: string };

/**
 * Numbers the reports of a query result by execution id. The list has every report once and in order, so it separates a
 * second booking under one id from a repetition (P2). The numbers are those of the bookings that `order` has: a booking that the
 * journal never took, because its report was lost and it was busted since, is no reason to take the next one twice.
 */
export function numberReports<R extends Report>(
  reports: readonly R[],
  order: Pick<Order, 'history'>,
): readonly (R & Pick<Numbered, 'occurrence'>)[] {
  const endings = new Map<string, number>();
  const listed = new Map<string, R[]>();
  const bookings = (id: string): number => listed.get(id)?.length ?? 0;
  const isLive = (id: string): boolean => bookings(id) > (endings.get(id) ?? 0);
  const end = (id: string): number => {
    endings.set(id, (endings.get(id) ?? 0) + 1);
    return endings.get(id) ?? 0;
  };
  const book = (id: string, report: R): number =>
    listed.set(id, [...(listed.get(id) ?? []), report]).get(id)?.length ?? 0;
  const numbers = reports.map((report) => {
    const { kind, executionId: id, correctsExecutionId: corrected } = report;
    if (id === undefined) return 0;
    if (kind === 'busted') return isLive(id) ? end(id) : (endings.get(id) ?? 0);
    if (kind === 'corrected' && corrected !== undefined && isLive(corrected)) end(corrected);
    return isLive(id) ? bookings(id) : book(id, report);
  });
  const later = new Map([...listed].map(([id, all]) => [id, chargedLater(all, historyOf(order, id).bookings)]));
  const places = new Map(
    [...listed].map(([id, all]) => {
      const replaced = later.get(id) ?? [];
      const known = historyOf(order, id).bookings.filter((booking) => !replaced.includes(booking));
      return [id, placesOf(all, known).map((place) => place + replaced.length)];
    }),
  );
  return reports.map((report, index) => {
    const id = report.executionId;
    if (id === undefined) return report;
    const number = numbers[index] ?? 0;
    return { ...report, occurrence: places.get(id)?.[number - 1] ?? number };
  });
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
function placesOf(listed: readonly Report[], known: readonly Execution[]): readonly number[] {
  let found = 0;
  let beyond = 0;
  const places = listed.map((report) => {
    const next = known[found];
    if (next === undefined) beyond += 1;
    else if (isFill(report) && isSame(next, report)) found += 1;
    return found + beyond;
  });
  // other figures than the known ones: the list is of another kind, and the order of its bookings is all there is
  return found === known.length ? places : listed.map((_report, index) => index + 1);
}

function isFill(report: Report): report is Report & FillReport {
  return (
    'quantity' in report && report.quantity instanceof Decimal && 'price' in report && report.price instanceof Decimal
  );
}
