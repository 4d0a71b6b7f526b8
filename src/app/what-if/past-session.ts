import { parseSettings, settingsSha256, type Settings } from '../../domain/config/settings.js';
import type { EventData, EventType, RecordedEvent } from '../../events/event.js';
import { configError, invariant } from '../../kernel/errors.js';
import type { DateText } from '../../kernel/time.js';

/** A session from the journal. */
export interface PastSession {
  readonly events: readonly RecordedEvent[];
  readonly opened: EventData<'SessionOpened'>;
  /** By key, at the end of the session. */
  readonly settings: Readonly<Record<string, string>>;
  /** The opening balances of the session, when they were recorded in it. */
  readonly openingBalances: EventData<'OpeningBalancesRecorded'> | undefined;
  readonly recording: EventData<'MarketDataRecorded'>;
}

interface PastSessionInput {
  readonly date: DateText;
  readonly events: readonly RecordedEvent[];
  /** Dates of all sessions in the journal. */
  readonly known: ReadonlySet<DateText>;
  /** Settings before its first event. */
  readonly settingsBefore: Readonly<Record<string, string>>;
}

/** The session of that date; throws a ConfigError when the journal has none or did not close it. */
export function pastSession({ date, events, known, settingsBefore }: PastSessionInput): PastSession {
  if (events.length === 0) throw unknownSession(date, [...known].sort());
  const opened = dataOf(events, 'SessionOpened');
  const recording = dataOf(events, 'MarketDataRecorded');
  if (opened === undefined || recording === undefined || dataOf(events, 'SessionClosed') === undefined) {
    throw configError({
      code: 'SESSION_UNFINISHED',
      message: `the session of ${date} was not finished, so there is nothing to compare a replay with`,
      remedy: 'Finish that day first.',
    });
  }
  const settings = { ...settingsBefore };
  for (const event of events) {
    if (event.type !== 'ConfigChanged') continue;
    for (const { key, to, secret } of event.data.changes) if (!secret) settings[key] = to ?? '';
  }
  const openingBalances = dataOf(events, 'OpeningBalancesRecorded');
  return { events, opened, settings, openingBalances, recording };
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
