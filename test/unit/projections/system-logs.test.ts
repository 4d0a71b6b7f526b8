import { readdirSync, readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, test } from '@jest/globals';
import { SYSTEM_LOG_COLUMNS, systemLogsProjection } from '../../../projections/system-logs/system-logs.js';
import { ACTIVITY_COLUMNS, userActivityProjection } from '../../../projections/user-activity/user-activity.js';
import { schemaFaults } from '../../../src/adapters/users/schema-check.js';
import { SYSTEM_LOGS_SQL } from '../../../projections/system-logs/system-logs-sql.js';
import { USER_ACTIVITY_SQL } from '../../../projections/user-activity/user-activity-sql.js';
import { FileProjectionTargets } from '../../../src/adapters/projection-targets/file-targets.js';
import { Projector } from '../../../src/app/projector/projector.js';
import { isEventType, type EventData } from '../../../src/events/event.js';
import { EVENT_CONTEXTS } from '../../../src/events/generated/catalog.js';
import { homePaths } from '../../../src/domain/home/home-paths.js';
import { BOT, Tape } from '../support/events.js';
import { filesUnder, removeTemporaryHomes, temporaryHome } from '../support/home.js';
import { faultsOf, outputSchema } from '../support/output-schemas.js';

afterAll(removeTemporaryHomes);

const ROOT = new URL('../../../', import.meta.url).pathname;
const CONTEXTS = ['access', 'config', 'secrets', 'processes', 'health', 'lifecycle', 'risk'] as const;

/** Every example of every event of these contexts, in the order of their names. */
function everyExample(): Tape {
  const tape = new Tape();
  for (const context of CONTEXTS) {
    for (const type of EVENT_CONTEXTS[context]) {
      const file = readdirSync(`${ROOT}event-schemas/${context}`)
        .filter((name) => name.startsWith(`${type}.v`))
        .sort()
        .at(-1);
      const { examples } = JSON.parse(readFileSync(`${ROOT}event-schemas/${context}/${String(file)}`, 'utf8')) as {
        readonly examples: readonly EventData<typeof type>[];
      };
      if (isEventType(type)) for (const data of examples) tape.add(type, data, { actor: 'user:U-1' });
    }
  }
  return tape;
}

const tape = everyExample();

function homeOf() {
  const home = temporaryHome();
  const paths = homePaths(home, BOT);
  const projector = (pageSize = 1000) =>
    new Projector({
      journal: tape,
      projections: [systemLogsProjection(paths), userActivityProjection(paths)],
      targets: new FileProjectionTargets({ home, projectionsDb: paths.storage.projectionsDb }),
      pageSize,
    });
  return { home, paths, projector };
}

async function filled(pageSize = 1000) {
  const made = homeOf();
  const projector = made.projector(pageSize);
  await projector.catchUp();
  await projector.publish();
  await projector.close();
  return made;
}

/** Digests of both databases and all logs; the kit's own database differs by the number of sessions. */
function outputs(home: string): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(filesUnder(home)).filter(([name]) => !name.includes('projections.db')));
}

function linesOf(path: string): readonly Record<string, unknown>[] {
  const text = readFileSync(path, 'utf8').trimEnd();
  return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('SYSTEM_LOGS.db and its files', () => {
  test('the example of every event gives valid rows and lines', async () => {
    const { paths } = await filled();
    const lines = linesOf(paths.output.systemLog('system_logs'));
    expect(lines.length).toBeGreaterThan(40);
    expect(JSON.stringify(lines)).toContain(
      'for SPY since 2013-10-07T14:10:00.000Z; the feed reports: the line is cut',
    );
    for (const line of lines) {
      expect(faultsOf('system-log-line', line)).toEqual([]);
      expect(line['message']).not.toMatch(/undefined|null|NaN|\[object/);
    }
    const db = new Database(paths.storage.systemLogsDb, { readonly: true });
    const rows = db.prepare<[], Record<string, unknown>>('SELECT * FROM log ORDER BY position').all();
    expect(schemaFaults(db, SYSTEM_LOGS_SQL)).toEqual([]);
    db.close();
    expect(rows.map((row) => [row['position'], row['event_type'], row['text']])).toEqual(
      lines.map((line) => [line['journal_position'], line['event'], line['message']]),
    );
    for (const example of outputSchema('system-log-line').examples)
      expect(faultsOf('system-log-line', example)).toEqual([]);
    expect(Object.keys(outputSchema('system-log-line').properties)).toEqual([...SYSTEM_LOG_COLUMNS]);
  });

  test('each subject has its file', async () => {
    const { paths } = await filled();
    const events = (name: 'security_users' | 'system_users' | 'password_reset_tokens' | 'kill_switch'): unknown[] =>
      [...new Set(linesOf(paths.output.systemLog(name)).map((line) => line['event']))].sort();
    expect(events('security_users')).toEqual([
      ...[
        'AccessDenied',
        'AccessRefusalsCounted',
        'LoginFailed',
        'LoginSucceeded',
        'SecondFactorChanged',
        'SessionEnded',
      ],
      ...['UserLocked', 'UserRoleChanged', 'UserUnlocked'],
    ]);
    expect(events('system_users')).toEqual([
      ...['PasswordChanged', 'SecondFactorChanged', 'TokenIssued', 'TokenRevoked', 'UserDisabled', 'UserEnabled'],
      ...['UserRegistered', 'UserRoleChanged'],
    ]);
    expect(events('password_reset_tokens')).toEqual(['PasswordResetRequested']);
    expect(events('kill_switch')).toEqual(
      expect.arrayContaining([
        'DefenseModeEntered',
        'DefenseModeReset',
        'KillSwitchReset',
        'KillSwitchTripped',
        'RiskLimitBreached',
      ]),
    );
  });

  test('no row can be changed or deleted', async () => {
    const { paths } = await filled();
    const db = new Database(paths.storage.systemLogsDb);
    expect(() => db.exec("UPDATE log SET text = 'nothing happened'")).toThrow('never changed');
    expect(() => db.exec('DELETE FROM log')).toThrow('never deleted');
    db.close();
  });
});

describe('USER_ACTIVITY_MONITORING.db', () => {
  test('sessions with start and end, attempts with codes, and lines that match their schema', async () => {
    const { paths } = await filled();
    const lines = linesOf(paths.output.systemLog('user_activity_monitoring'));
    for (const line of lines) expect(faultsOf('user-activity-line', line)).toEqual([]);
    expect(Object.keys(outputSchema('user-activity-line').properties)).toEqual([...ACTIVITY_COLUMNS]);
    for (const example of outputSchema('user-activity-line').examples) {
      expect(faultsOf('user-activity-line', example)).toEqual([]);
    }
    const db = new Database(paths.storage.userActivityDb, { readonly: true });
    expect(schemaFaults(db, USER_ACTIVITY_SQL)).toEqual([]);
    expect(db.prepare('SELECT session_ref, end_reason FROM sessions').all()).toEqual([
      { session_ref: 'S-1', end_reason: 'logout' },
    ]);
    expect(db.prepare('SELECT kind, ok, code FROM attempts ORDER BY position').all()).toEqual([
      { kind: 'denied', ok: 0, code: 'ROLE' },
      { kind: 'login', ok: 0, code: 'BAD_CREDENTIALS' },
      { kind: 'login', ok: 1, code: 'OK' },
    ]);
    db.close();
  });
});

test('one pass, many small sessions and a rebuild after deleting everything give the same bytes', async () => {
  const once = await filled();
  const many = await filled(3);
  expect(outputs(many.home)).toEqual(outputs(once.home));
  for (const file of Object.keys(outputs(many.home))) execFileSync('rm', [`${many.home}/${file}`]);
  const projector = many.projector();
  await projector.rebuild('all');
  await projector.close();
  expect(outputs(many.home)).toEqual(outputs(once.home));
});

test('the SQL modules equal the SQL files', () => {
  execFileSync(process.execPath, [`${ROOT}event-schemas/embed-sql.mjs`, '--check'], { stdio: 'pipe' });
});
