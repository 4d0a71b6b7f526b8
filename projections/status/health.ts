import type { EventData } from '../../src/events/event.js';
import { userDifferenceText } from '../../src/domain/access/user-difference.js';
import { WATCH_TABLE } from '../../src/domain/watchdog/watch-table.js';
import { own } from '../kit/records.js';
import { streamHandlers } from './streams.js';
import {
  critical,
  failuresOf,
  noted,
  warning,
  type EventOf,
  type FieldsOf,
  type FindingsOf,
  type StatusHandlers,
} from './status-part.js';

/** The state of a watched part; `since` is a time. */
interface WatchStatus {
  readonly state: EventData<'WatchdogStateChanged'>['to'];
  readonly since: string;
  readonly reason: string;
}

/** The watched parts, and the failures of the build check. */
export interface HealthStatus {
  buildCheckFailures: string[];
  /** Differences between the users' database and the events; empty when they agree. */
  userDifferences: string[];
  /** Seals and exports on disk that are not those of the journal: how many, and the first of them; null when all fit. */
  evidence: { readonly files: number; readonly first: string } | null;
  /** The journal is away: since when, and why; null while it is not. */
  journalAway: { readonly since: string; readonly cause: string } | null;
  /** Subject to its state; subjects without an event are left out. */
  readonly watchdog: Record<string, WatchStatus>;
}

/** Before the first event. */
export function newHealthStatus(): HealthStatus {
  return { buildCheckFailures: [], userDifferences: [], evidence: null, journalAway: null, watchdog: {} };
}

/** Events of the watchdog (TRD-43) and the build check. */
export const healthHandlers: StatusHandlers<'health'> = {
  WatchdogStateChanged: noted((body, event: EventOf<'WatchdogStateChanged'>) => {
    const { subject, to, reason } = event.data;
    body.watchdog[subject] = { state: to, since: event.occurredAt, reason };
  }),
  JournalOutageBegan: noted((body, event: EventOf<'JournalOutageBegan'>) => {
    const { since, cause } = event.data;
    body.journalAway = { since, cause };
  }),
  JournalOutageEnded: noted((body) => {
    body.journalAway = null;
  }),
  BuildCheckCompleted: noted((body, event: EventOf<'BuildCheckCompleted'>) => {
    body.buildCheckFailures = failuresOf(event.data.checks);
  }),
  UserRecordsCompared: noted((body, event: EventOf<'UserRecordsCompared'>) => {
    body.userDifferences = event.data.differences.map(userDifferenceText);
  }),
  EvidenceCompared: noted((body, event: EventOf<'EvidenceCompared'>) => {
    const { files, differences } = event.data;
    const [first] = differences;
    body.evidence = first === undefined ? null : { files, first };
  }),
  ...streamHandlers,
};

const EVIDENCE_REMEDY =
  'Nothing of it was replaced. Compare it with a copy of yours. If the file was changed, move it away: the original is made ' +
  'again within a minute. If the file is right, the journal was changed: restore it from a backup.';

const WATCHED = ['broker', 'market_data', 'clock', 'disk', 'journal'] as const;

/** The watched parts; null for one without an event. */
export const watchdogFields: FieldsOf = ({ body }) => ({
  watchdog: Object.fromEntries(WATCHED.map((subject) => [subject, own(body.watchdog, subject) ?? null])),
});

/** Failures of build check and self-check. */
export const checkFields: FieldsOf = ({ body }) => ({
  checks: { build_failures: body.buildCheckFailures, self_failures: body.selfCheckFailures.map(({ text }) => text) },
});

/** Evidence on disk that is not the one of the journal; until the files fit again. */
export const evidenceFindings: FindingsOf = ({ body: { evidence } }) => {
  if (evidence === null) return [];
  const more = evidence.files > 1 ? ` (and ${evidence.files - 1} more files)` : '';
  return [
    critical('EVIDENCE_DIFFERS', `evidence does not match the journal: ${evidence.first}${more}`, EVIDENCE_REMEDY),
  ];
};

/** The journal is away as far as it says itself: until the engine has recorded its return. */
export const journalFindings: FindingsOf = ({ body: { journalAway } }) =>
  journalAway === null
    ? []
    : [
        critical(
          'JOURNAL_AWAY',
          `journal away since ${journalAway.since}: ${journalAway.cause}; entries are held`,
          'Bring the server of the journal back, or free its file or disk. The bot continues by itself.',
        ),
      ];

/** Modules that failed the build check, users that differ from their events, and watched parts that are not healthy (RUN-42). */
export const healthFindings: FindingsOf = ({ body }) => [
  ...body.buildCheckFailures.map((failure) =>
    critical('BUILD_CHECK_FAILED', `build check: ${failure}`, 'Repair what the check names, then start the bot.'),
  ),
  ...body.userDifferences.map((text) =>
    critical('USERS_DIFFER', `users: ${text}; see tradebot users check`, 'Compare them: tradebot users check.'),
  ),
  ...[...WATCHED].sort().flatMap((subject) => {
    const watch = own(body.watchdog, subject);
    if (watch === undefined || watch.state === 'healthy') return [];
    const text = `watchdog: ${subject} is ${watch.state}: ${watch.reason}`;
    const ends = 'Nothing has to be acknowledged when it is healthy again.';
    return watch.state === 'down'
      ? [critical('WATCH_DOWN', text, `${WATCH_TABLE[subject].remedy} ${ends}`)]
      : [warning('WATCH_DEGRADED', text, `Check the ${subject.replaceAll('_', ' ')}. ${ends}`)];
  }),
];

/** Projections that an event stopped. */
export const projectionFindings: FindingsOf = (_state, health) =>
  health.flatMap(({ name, stopped }) =>
    stopped === null
      ? []
      : [
          critical(
            'PROJECTION_STOPPED',
            `projection ${name} stopped: ${stopped.reason}`,
            `Rebuild it: tradebot rebuild ${name}.`,
          ),
        ],
  );
