import { nextTradingDay } from '../../src/domain/calendar/nyse.js';
import { addDays, type DateText } from '../../src/kernel/time.js';

/** Trading days in [from, to], in order; empty when `from` is after `to`. */
export function tradingDays(from: DateText, to: DateText): readonly DateText[] {
  const days: DateText[] = [];
  for (let day = nextTradingDay(addDays(from, -1)); day <= to; day = nextTradingDay(day)) days.push(day);
  return days;
}
