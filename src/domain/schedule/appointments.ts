import type { Settings } from '../config/settings.js';
import { addDays, dateOf, plusMs, type DateText, type EpochMs } from '../../kernel/time.js';
import { PREPARE_MS } from './next-due.js';
import { runningStrategies } from '../config/running-strategies.js';
import { strategyStart } from './strategy-times.js';
import { botSession, tradingHoursOf } from './trading-hours.js';

export interface Appointment {
  readonly name: string;
  readonly at: EpochMs;
}

/** Appointments of a day in order of time, with the strategies that run; empty on a day without a session. */
export function appointmentsOf(date: DateText, settings: Settings): readonly Appointment[] {
  const session = botSession(date, tradingHoursOf(settings));
  if (session === undefined) return [];
  const strategies = runningStrategies(settings).map((name) => {
    const start = strategyStart(settings, name, session);
    return { name: `strategy ${name}`, at: start < session.opensAt ? session.opensAt : start };
  });
  const inside = strategies.filter(({ at }) => at < session.closesAt);
  return [
    { name: 'preparation', at: plusMs(session.opensAt, -PREPARE_MS) },
    { name: 'open', at: session.opensAt },
    ...inside,
    { name: 'close', at: session.closesAt },
  ].sort((a, b) => a.at - b.at);
}

const MOST_DAYS = 31;
const MOST_NAMED = 50;

/** Appointments in (from, to], with their dates, that a clock jump skipped; at most fifty, within a month. */
export function missedBetween(from: EpochMs, to: EpochMs, settings: Settings): readonly string[] {
  const missed: string[] = [];
  let date = dateOf(from);
  for (let days = 0; days < MOST_DAYS && date <= dateOf(to); days += 1, date = addDays(date, 1)) {
    for (const { name, at } of appointmentsOf(date, settings)) {
      if (at > from && at <= to) missed.push(`${name} of ${date}`);
    }
  }
  return missed.slice(0, MOST_NAMED);
}
