import { parseSettings, settingsSha256, type Settings } from '../../domain/config/settings.js';
import type { EventData, EventType, RecordedEvent } from '../../events/event.js';
import { configError, invariant } from '../../kernel/errors.js';
import type { DateText } from '../../kernel/time.js';

/** A session from the journal. */
export interface PastSession {
  /** Its events, up to SessionClosed. */
  readonly events: readonly RecordedEvent[];
  /** These, and the events of other processes between them. */
  readonly during: readonly RecordedEvent[];
  /** Traded by a running bot; false for a day of `tradebot day`. */
  readonly isLive: boolean;
  readonly opened: EventData<'SessionOpened'>;
  /** By key, at the open of the session. */
  readonly settings: Readonly<Record<string, string>>;
  /** The opening balances of the session, when they were recorded in it. */
  readonly openingBalances: EventData<'OpeningBalancesRecorded'> | undefined;
  readonly recording: EventData<'MarketDataRecorded'>;
}

interface PastSessionInput {
  readonly date: DateText;
  /** All events from its first on, also those after its end. */
  readonly since: readonly RecordedEvent[];
  /** Dates of all sessions in the journal. */
  readonly known: ReadonlySet<DateText>;
  /** Settings before its first event. */
  readonly settingsBefore: Readonly<Record<string, string>>;
}

/** The session of that date; throws a ConfigError when the journal has none or did not close it. */
export function pastSession({ date, since, known, settingsBefore }: PastSessionInput): PastSession {
  if (since.length === 0) throw unknownSession(date, [...known].sort());
  const isItsClose = (event: RecordedEvent): boolean => event.type === 'SessionClosed' && event.data.date === date;
  const during = since.slice(0, since.findIndex(isItsClose) + 1);
  const events = during.filter(({ meta }) => meta.sessionDate === date);
  const opened = dataOf(events, 'SessionOpened');
  const recording = dataOf(events, 'MarketDataRecorded');
  if (opened === undefined || recording === undefined || dataOf(events, 'SessionClosed') === undefined) {
    throw configError({
      code: 'SESSION_UNFINISHED',
      message: `the session of ${date} was not finished, so there is nothing to compare a replay with`,
      remedy: 'Finish that day first.',
    });
  }
  let settings = settingsBefore;
  for (const event of during) {
    if (event.type === 'SessionOpened') break;
    if (event.type === 'ConfigChanged') settings = withChanges(settings, event.data);
  }
  const openingBalances = dataOf(events, 'OpeningBalancesRecorded');
  // only a day of the command checks its modules inside the session: a bot has done it before
  const isLive = !events.some(({ type }) => type === 'SelfCheckCompleted');
  return { events, during, isLive, opened, settings, openingBalances, recording };
}

/** Settings after a recorded change; secrets have no text. */
export function withChanges(
  settings: Readonly<Record<string, string>>,
  { changes }: EventData<'ConfigChanged'>,
): Readonly<Record<string, string>> {
  const open = changes.filter(({ secret }) => !secret).map(({ key, to }) => [key, to ?? ''] as const);
  return { ...settings, ...Object.fromEntries(open) };
}

/** The settings of the session with the changes applied; checks the recorded ones against their digest. */
export function settingsWith({ settings, opened }: PastSession, changes: Readonly<Record<string, string>>): Settings {
  const past = parseSettings(settings);
  invariant(
    settingsSha256(past) === opened.settingsSha256,
    'SETTINGS_NOT_AS_THEN',
    `the settings of ${opened.date} in the journal do not match the digest in SessionOpened`,
  );
  return parseSettings({ ...settings, ...changes });
}

function dataOf<T extends EventType>(events: readonly RecordedEvent[], type: T): EventData<T> | undefined {
  const found: { readonly data: unknown } | undefined = events.findLast((event) => event.type === type);
  return found?.data as EventData<T> | undefined;
}

function unknownSession(date: DateText, known: readonly DateText[]): Error {
  const near =
    known.length === 0
      ? 'it has none'
      : `it has ${known.slice(-5).join(', ')}${known.length > 5 ? ' and earlier ones' : ''}`;
  return configError({
    code: 'SESSION_UNKNOWN',
    message: `the journal has no session of ${date}; ${near}`,
    remedy: 'Give a day on which this bot traded, such as --session 2026-01-05.',
  });
}
