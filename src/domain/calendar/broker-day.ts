import { addDays, epochMs, MINUTE_MS, toUtcText, type DateText, type EpochMs } from '../../kernel/time.js';
import { weekdayOf } from './nyse-rules.js';
import { exchangeDateOf, isInCalendar, sessionOf, type ExchangeSession } from './nyse.js';

/** Longer than the longest run of days without trading. */
const DAYS_AHEAD = 14;

/** What a broker reports of a day at the exchange. */
export type BrokerDay =
  | { readonly kind: 'closed'; readonly reason: string }
  | { readonly kind: 'open'; readonly opensAt: EpochMs; readonly closesAt: EpochMs };

/** What the broker has reported of a day; undefined when nothing is known. */
export type KnownDays = (date: DateText) => BrokerDay | undefined;

/** The hours of a session as the broker limits them; `closed` says why no minute is left. */
export type LimitedSession = { readonly session: ExchangeSession } | { readonly closed: string };

/** Why an answer cannot be one about `date`; undefined for a usable one. */
export function brokerDayFault(date: DateText, day: BrokerDay): string | undefined {
  if (day.kind === 'closed') return undefined;
  const { opensAt, closesAt } = day;
  const isTime = Number.isSafeInteger(opensAt) && Number.isSafeInteger(closesAt) && opensAt > 0;
  if (!isTime || new Date(closesAt).getTime() !== closesAt) return 'its hours are not times';
  if (opensAt >= closesAt) return `it closes at ${toUtcText(closesAt)}, before it opens at ${toUtcText(opensAt)}`;
  const isOfDay = exchangeDateOf(opensAt) === date && exchangeDateOf(epochMs(closesAt - 1)) === date;
  return isOfDay ? undefined : `its hours ${hoursText(day)} are not on ${date} in New York`;
}

/** A session within the hours of the broker, in whole minutes: a broker never makes it longer. */
function limitSession(session: ExchangeSession, says: BrokerDay | undefined): LimitedSession {
  if (says === undefined) return { session };
  if (says.kind === 'closed') return { closed: `the broker reports that the exchange is closed: ${says.reason}` };
  const opensAt = epochMs(Math.max(session.opensAt, Math.ceil(says.opensAt / MINUTE_MS) * MINUTE_MS));
  const closesAt = epochMs(Math.min(session.closesAt, Math.floor(says.closesAt / MINUTE_MS) * MINUTE_MS));
  if (opensAt >= closesAt) return { closed: `the broker's hours ${hoursText(says)} leave no minute of the session` };
  const usual = sessionOf(session.date)?.closesAt ?? session.closesAt;
  return { session: { ...session, opensAt, closesAt, halfDay: session.halfDay || says.closesAt < usual } };
}

/** How the broker's day differs from the embedded calendar, and what the bot does; undefined when it does not. */
export function calendarDifference(date: DateText, says: BrokerDay): string | undefined {
  const ours = isInCalendar(date) ? sessionOf(date) : undefined;
  const reported = says.kind === 'closed' ? `closed (${says.reason})` : `open ${hoursText(says)}`;
  const text = (known: string, follows: string): string =>
    `the broker reports ${date} as ${reported}, the embedded calendar ${known}: ${follows}`;
  if (ours === undefined) return says.kind === 'closed' ? undefined : text('as closed', 'no session is opened');
  const known = `as open ${hoursText(ours)}`;
  if (says.kind === 'closed') return text(known, 'no session is opened');
  if (says.opensAt === ours.opensAt && says.closesAt === ours.closesAt) return undefined;
  return text(known, 'the session keeps to the hours that both have');
}

/** The exchange as broker and embedded calendar have it together. */
export class KnownExchange {
  constructor(private readonly known: KnownDays) {}

  /**
   * The hours in which positions can be closed on `date`: an earlier close of the broker counts, and a day that it alone has, for it
   * takes the orders; undefined when there are none.
   */
  dayOf(date: DateText): ExchangeSession | undefined {
    const ours = isInCalendar(date) ? sessionOf(date) : undefined;
    const says = this.known(date);
    if (ours !== undefined) {
      const limited = limitSession(ours, says);
      return 'session' in limited ? limited.session : undefined;
    }
    if (says === undefined || says.kind === 'closed') return undefined;
    return { date, opensAt: says.opensAt, closesAt: says.closesAt, halfDay: false };
  }

  /** The bot's session of a day within the hours of the broker. */
  limit(session: ExchangeSession): LimitedSession {
    return limitSession(session, this.known(session.date));
  }

  /** The day of the exchange that is open at `now`; undefined while it is closed. */
  openAt(now: EpochMs): ExchangeSession | undefined {
    const day = this.dayOf(exchangeDateOf(now));
    return day !== undefined && now >= day.opensAt && now < day.closesAt ? day : undefined;
  }

  /** The first open of the exchange after `now`; undefined when none is known within two weeks. */
  nextOpenAfter(now: EpochMs): EpochMs | undefined {
    const date = exchangeDateOf(now);
    for (let days = 0; days <= DAYS_AHEAD; days += 1) {
      const day = this.dayOf(addDays(date, days));
      if (day !== undefined && day.opensAt > now) return day.opensAt;
    }
    return undefined;
  }
}

/** Days between `from` and `to`, excluded, on which the embedded calendar has a holiday and no weekend. */
export function holidaysBetween(from: DateText, to: DateText): readonly DateText[] {
  const days: DateText[] = [];
  for (let date = from, left = DAYS_AHEAD; date < to && left > 0; date = addDays(date, 1), left -= 1) {
    const weekday = weekdayOf(date);
    if (isInCalendar(date) && weekday !== 0 && weekday !== 6 && sessionOf(date) === undefined) days.push(date);
  }
  return days;
}

function hoursText({ opensAt, closesAt }: { readonly opensAt: EpochMs; readonly closesAt: EpochMs }): string {
  return `${toUtcText(opensAt)} to ${toUtcText(closesAt)}`;
}
