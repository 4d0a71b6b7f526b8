import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { copyFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ledgerProjection } from '../../../projections/ledger/ledger.js';
import type { Position, RecordedEvent } from '../../../src/events/event.js';
import { sha256Hex } from '../../../src/kernel/hash.js';
import type { JournalHead } from '../../../src/ports/journal.js';
import { AnswerVersions } from '../../../src/processes/web/common/answer-versions.js';
import { Broker, CODES } from '../support/fills.js';
import { project } from '../support/ledger-db.js';

let dir: string;
let head: JournalHead | undefined;
let versions: AnswerVersions;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'answer-versions-'));
  const events = [new Broker().opening('1000.00')];
  project(ledgerDb(), ledgerProjection({ path: ledgerDb(), codes: CODES }), events, 1);
  head = headAt(events[0]?.position);
  versions = versionsOf({ headNow: () => head });
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

const ledgerDb = (): string => join(dir, 'ledger.db');
const statusJson = (): string => join(dir, 'status.json');

function headAt(position: Position | undefined): JournalHead | undefined {
  return position === undefined ? undefined : { position, hash: sha256Hex(position), count: Number(position) };
}

function versionsOf(journal: object): AnswerVersions {
  const home = { journal, paths: { output: { ledgerDb: ledgerDb(), statusJson: statusJson() } } };
  return new AnswerVersions(() => home as ReturnType<ConstructorParameters<typeof AnswerVersions>[0]>);
}

const later = async (): Promise<void> => {
  await nextTurn();
};

describe('an answer of the ledger', () => {
  test('is kept by the head of the journal that the ledger has reached', async () => {
    const version = await versions.toMakeOf('ledger');
    expect(version).toBeDefined();
    expect(versions.now('ledger')).toBe(version);
  });

  test('is not kept while the ledger is behind the journal', async () => {
    head = headAt('0000000000000009' as Position);
    expect(await versions.toMakeOf('ledger')).toBeUndefined();
    expect(versions.now('ledger')).toBeDefined();
  });

  test('has another version with each event, and when the file was made again', async () => {
    const seen = new Set([await versions.toMakeOf('ledger')]);
    copyFileSync(ledgerDb(), `${ledgerDb()}.new`);
    renameSync(`${ledgerDb()}.new`, ledgerDb());
    await later();
    seen.add(await versions.toMakeOf('ledger'));
    head = headAt('0000000000000009' as Position);
    await later();
    seen.add(versions.now('ledger'));
    expect(seen.size).toBe(3);
    expect(seen.has(undefined)).toBe(false);
  });

  test('is not kept without a ledger', async () => {
    rmSync(ledgerDb());
    expect(await versions.toMakeOf('ledger')).toBeUndefined();
  });
});

test('the status file has another version when it is replaced, and none while it is not there', async () => {
  expect(await versions.toMakeOf('status file')).toBeUndefined();
  writeFileSync(statusJson(), '{}');
  await later();
  const first = await versions.toMakeOf('status file');
  writeFileSync(`${statusJson()}.new`, '{}');
  renameSync(`${statusJson()}.new`, statusJson());
  await later();
  const second = versions.now('status file');
  expect([first === undefined, second === undefined, first === second]).toEqual([false, false, false]);
});

test('a journal on a server is asked, so nothing is known at once and no ledger is kept', async () => {
  const [last] = [{ id: 'the last event' } as RecordedEvent];
  const server = versionsOf({ readAll: async () => Promise.resolve([last]) });
  expect([server.now('journal'), server.now('ledger')]).toEqual([undefined, undefined]);
  expect(await server.toMakeOf('journal')).toBe('the last event');
  expect(await server.toMakeOf('ledger')).toBeUndefined();
});

test('before there is a home there is no version', async () => {
  const none = new AnswerVersions(() => undefined);
  for (const what of ['journal', 'ledger', 'status file'] as const) {
    expect([none.now(what), await none.toMakeOf(what)]).toEqual([undefined, undefined]);
  }
});
