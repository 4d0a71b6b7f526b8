import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { marketOf } from './support/market.js';
import { openHome, type OpenedHome } from '../../src/adapters/home/home.js';
import { parseSettings } from '../../src/domain/config/settings.js';
import type { NewEvent, RecordedEvent } from '../../src/events/event.js';
import type { Journal } from '../../src/ports/journal.js';
import { journalAddressOf } from '../../src/domain/config/journal-address.js';
import { Decimal } from '../../src/kernel/decimal.js';
import { LOCKED_HOME } from '../../src/app/ownership/effects-guard.js';
import { openRuntime } from '../../src/composition/engine-runtime.js';
import { openDays } from '../../src/app/day/open-days.js';
import { runDays } from '../../src/composition/run-days.js';
import type { EsdbDouble } from '../support/esdb-double/double.js';
import { testNeeding } from '../support/needs.js';
import { TestServer, freshIdentityParts, theDouble } from '../support/esdb-double/test-server.js';
import { Stranger } from '../support/esdb-double/stranger.js';
import { filesUnder, removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';
import { BOTH_WAYS, DAY } from './support/days.js';

const PARTS = freshIdentityParts();

interface Played {
  readonly home: OpenedHome;
  readonly events: readonly RecordedEvent[];
  readonly verified: unknown;
}

/** The server goes down as the first event of each of these kinds is sent: before the open, in each window, after the close. */
const RESTARTS: readonly string[] = [
  'SessionOpened',
  ...['open', 'mid', 'close'].flatMap((strategy) => [`StrategyStarted ${strategy}`, `StrategyEnded ${strategy}`]),
  'OrderSubmitted',
  'OrderFilled',
  'PositionClosed',
  'ReconciliationCompleted',
  'SessionClosed',
  'OfxExported',
  'JournalSealed',
];
const DOWN_MS = 150;
const restarted: string[] = [];

function kindOf({ type, data }: NewEvent): string {
  return 'strategy' in data && type.startsWith('Strategy') ? `${type} ${String(data.strategy)}` : type;
}

/** A journal whose server is killed while an append is on its way, and is back a moment later. */
function withRestarts(journal: Journal, double: EsdbDouble): Journal {
  return new Proxy(journal, {
    get: (target, name) => {
      if (name === 'append') {
        return (...args: Parameters<Journal['append']>): ReturnType<Journal['append']> => {
          const kind = args[1].map(kindOf).find((one) => RESTARTS.includes(one) && !restarted.includes(one));
          if (kind !== undefined) {
            restarted.push(kind);
            void double.halt().then(() => setTimeout(() => void double.resume(), DOWN_MS));
          }
          return target.append(...args);
        };
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

async function play(journalUrl: string, wrapJournal = (journal: Journal): Journal => journal): Promise<Played> {
  const home = openHome({ dir: temporaryHome(), identity: PARTS, newFor: PARTS, create: true, version: 'test' });
  const { paths, identity, identityParts } = home;
  const settings = parseSettings({ ...BOTH_WAYS, JOURNAL_URL: journalUrl });
  const runtime = await openRuntime({
    paths,
    identity,
    identityParts,
    versionTag: 'test',
    address: journalAddressOf(journalUrl),
    wrapJournal,
  });
  // who owns the bot is recorded on a server only
  await runDays(
    { ...runtime, effects: LOCKED_HOME },
    {
      days: openDays({ feed: marketOf(1), settings, from: DAY, days: 1 }),
      settings,
      brokerSeed: 1,
      openingCash: Decimal.parse('100000.00'),
      onProgress: () => undefined,
    },
  );
  const events = await runtime.journal.readAll();
  const verified = await runtime.journal.verify();
  await runtime.close();
  return { home, events, verified };
}

let server: TestServer;
let password: string;
let embedded: Played;
let served: Played;

beforeAll(async () => {
  server = await TestServer.start();
  embedded = await play('sqlite:');
  // a real server has the user of its own address
  const url = server.isReal ? server.url : server.urlAs('bot', 'correct-horse');
  password = new URL(url.replace(/^esdb/, 'http')).password;
  served = await play(url, (journal) => (server.isReal ? journal : withRestarts(journal, server.double)));
});

afterAll(() => {
  server.stop();
  removeTemporaryHomes();
});

/** Positions, chain hashes and location differ between journals. */
function neutral(text: string): string {
  return text
    .replace(/\b(?:\d{16}|\d{20}-\d{20})\b/g, '<position>')
    .replace(/\b[0-9a-f]{64}\b/g, '<hash>')
    .replace(/JOURNAL_URL [^,]*,/g, '<where the journal is>')
    .replace(/\{[^{}]*"key":"JOURNAL_URL"[^{}]*\}/g, '<where the journal is>');
}

const TEXT_FILES = /\.(?:ofx|csv|journal|json|log)$/;

function textFiles({ home }: Played): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(filesUnder(home.paths.home))
      .filter(([name]) => name.startsWith('output/') && TEXT_FILES.test(name) && !name.includes('/audit/'))
      .map(([name, text]) => [name, neutral(text)]),
  );
}

/** Every table of a database, without columns of journal positions. */
function tables(file: string): Readonly<Record<string, readonly string[]>> {
  const db = new Database(file, { readonly: true });
  try {
    const names = db.prepare<[], string>(`SELECT name FROM sqlite_schema WHERE type = 'table'`).pluck().all();
    return Object.fromEntries(
      names.sort().map((name) => [
        name,
        db
          .prepare<[], Record<string, unknown>>(`SELECT * FROM "${name}"`)
          .all()
          .map((row) => neutral(JSON.stringify(row)))
          .sort(),
      ]),
    );
  } finally {
    db.close();
  }
}

/** Recorded events without position, URL, seals and digests of data with positions, which differ between journals. */
function facts({ events }: Played): readonly unknown[] {
  return events.map((event) => {
    const { position: _position, hash: _hash, prevHash: _prevHash, data, ...fact } = event;
    if (event.type === 'JournalSealed') return { ...fact, data: null };
    if (event.type === 'BooksExported') return { ...fact, data: { ...data, sha256: null, entries: null } };
    if (event.type === 'OfxExported') return { ...fact, data: { ...data, entries: null } };
    if (event.type !== 'ConfigChanged') return { ...fact, data };
    return { ...fact, data: { ...data, changes: event.data.changes.filter(({ key }) => key !== 'JOURNAL_URL') } };
  });
}

describe('a day on either journal (JRN-6)', () => {
  testNeeding(theDouble)('the server was restarted in each phase of the session', () => {
    expect([...restarted].sort()).toEqual([...RESTARTS].sort());
  });

  test('both journals record the same events in the same order and verify', () => {
    expect(facts(served)).toEqual(facts(embedded));
    expect(embedded.events.length).toBeGreaterThan(100);
    expect(served.verified).toMatchObject({ ok: true, count: embedded.events.length });
    expect(embedded.verified).toMatchObject({ ok: true, count: embedded.events.length });
  });

  test('ledger, exports, trade history, logs and status are equal except for journal positions', () => {
    const expected = textFiles(embedded);
    const names = Object.keys(expected);
    expect(names.filter((name) => name.endsWith('.ofx'))).toHaveLength(1);
    expect(names.filter((name) => name.includes('/trades/'))).toHaveLength(2);
    expect(textFiles(served)).toEqual(expected);
  });

  test('every table of the books is equal except for journal positions', () => {
    const { output } = embedded.home.paths;
    const books = tables(output.ledgerDb);
    expect(Object.values(books).flat().length).toBeGreaterThan(30);
    expect(tables(served.home.paths.output.ledgerDb)).toEqual(books);
  });

  test('the OFX file is equal to the byte', () => {
    const ofx = ({ home }: Played): readonly string[] =>
      Object.entries(filesUnder(home.paths.home)).flatMap(([name, text]) => (name.endsWith('.ofx') ? [text] : []));
    expect(ofx(served)).toEqual(ofx(embedded));
  });

  test('the journal password is in no file, no event and nothing on the server', async () => {
    const stranger = new Stranger(server.url);
    const stored = await stranger.log(`${served.home.identity}-`);
    await stranger.end();
    expect(stored.length).toBeGreaterThan(100);
    const everything = [
      ...Object.values(filesUnder(served.home.paths.home)),
      JSON.stringify(served.events),
      ...stored.map(({ text }) => text),
    ];
    expect(everything.filter((text) => password !== '' && text.includes(password))).toEqual([]);
    const changed = served.events.find((event) => event.type === 'ConfigChanged');
    expect(changed?.data).toMatchObject({
      changes: expect.arrayContaining([{ key: 'JOURNAL_URL', from: null, to: null, secret: true }]),
    });
  });

  test('no journal file is left in the home', () => {
    expect(Object.keys(filesUnder(served.home.paths.home)).filter((name) => name.includes('journal.db'))).toEqual([]);
  });
});
