import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { SqliteJournal } from '../../../src/adapters/journal-sqlite/sqlite-journal.js';
import type { Draft } from '../../../src/events/draft.js';
import { EngineAppender } from '../../../src/app/journal/engine-appender.js';
import { foldJournal } from '../../../src/app/journal/fold-journal.js';
import { STREAMS } from '../../../src/events/streams.js';
import { EventAppender } from '../../../src/app/journal/event-appender.js';
import { changeState, type BotState } from '../../../src/domain/lifecycle/bot-state.js';
import { EngineState } from '../../../src/domain/session/engine-state.js';
import type { DecimalText } from '../../../src/kernel/decimal.js';
import { composeBotIdentity } from '../../../src/kernel/identity.js';
import { epochMs } from '../../../src/kernel/time.js';
import type { Journal } from '../../../src/ports/journal.js';
import { EsdbFixture } from '../../contract/support/esdb-fixture.js';
import { CODES, PARTS } from '../../simulation/support/day-harness.js';

const IDENTITY = composeBotIdentity(PARTS);
const clock = { now: () => epochMs(Date.parse('2026-01-06T15:00:00Z')) };
const CAUSE = { correlationId: 'test', causationId: null };

function errorDraft(code: string): Draft {
  const nothing = { strategy: null, broker: null, context: {}, traceback: null };
  const data = { errorType: 'LogicError' as const, errorCode: code, message: 'reported', ...nothing };
  return { type: 'ErrorRecorded', data, ...CAUSE };
}

/** Two connections to one journal: ours, and that of another process. */
let ours: Journal;
let theirs: Journal;
let end: () => Promise<void>;
let state: EngineState;
let appender: EngineAppender;
let other: EventAppender;

async function onFile(): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'tradebot-appender-'));
  const open = (): Journal => SqliteJournal.open({ path: join(dir, 'journal.db'), clock });
  ours = open();
  theirs = open();
  end = async () => {
    await ours.close();
    await theirs.close();
    rmSync(dir, { recursive: true, force: true });
  };
  await Promise.resolve();
}

async function onServer(): Promise<void> {
  const fixture = new EsdbFixture();
  ours = await fixture.begin();
  theirs = await fixture.open();
  end = () => fixture.end();
}

function begin(): void {
  state = new EngineState(CODES);
  appender = new EngineAppender({ journal: ours, clock, identity: IDENTITY, actor: 'system:engine', state });
  other = new EventAppender({ journal: theirs, clock, identity: IDENTITY, actor: 'system:main' });
}

afterEach(() => end());

/** What a restart would fold. */
async function refolded(): Promise<EngineState> {
  const fresh = new EngineState(CODES);
  await foldJournal(ours, fresh);
  return fresh;
}

async function expectWhole(): Promise<void> {
  const fresh = await refolded();
  expect([state.eventCount, state.lastHash, state.botState]).toEqual([
    fresh.eventCount,
    fresh.lastHash,
    fresh.botState,
  ]);
  expect(state.revisions).toEqual(fresh.revisions);
}

describe.each([
  ['a file', onFile],
  ['a server', onServer],
] as const)('an appender among other writers of %s', (_name, open) => {
  beforeEach(async () => {
    await open();
    begin();
  });

  test('it folds an event between two of its own in one stream', async () => {
    await appender.appendIfUnchanged(STREAMS.risk, [errorDraft('A')]);
    await other.append(STREAMS.errors, [errorDraft('B')]);
    await appender.appendIfUnchanged(STREAMS.risk, [errorDraft('C')]);
    expect(state.eventCount).toBe(3);
    await expectWhole();
  });

  test('it folds the events before its own in journal order', async () => {
    await appender.appendIfUnchanged(STREAMS.config, [errorDraft('A')]);
    await other.changeBotState('provisioning', 'by another process');
    await other.append(STREAMS.processes, [
      { type: 'TestRunStarted', data: { runId: 'T-1', test: 'all', by: null }, ...CAUSE },
    ]);
    await appender.appendIfUnchanged(STREAMS.risk, [errorDraft('B')]);
    expect(state.botState).toBe('provisioning');
    expect([...state.testRuns]).toEqual(['T-1']);
    await expectWhole();
  });

  test('follow() reads new events once and does nothing without them', async () => {
    await other.append(STREAMS.errors, [errorDraft('A'), errorDraft('B')]);
    await appender.follow();
    await appender.follow();
    expect(state.eventCount).toBe(2);
    await expectWhole();
  });

  test('a lost race is refused after everything is folded, and the caller decides again', async () => {
    await appender.follow();
    await other.append(STREAMS.errors, [errorDraft('A')]);
    await expect(appender.appendIfUnchanged(STREAMS.errors, [errorDraft('B')])).rejects.toMatchObject({
      code: 'WRONG_EXPECTED_REVISION',
    });
    expect(state.eventCount).toBe(1);
    expect(await appender.tryAppend(STREAMS.errors, [errorDraft('B')])).toBe(true);
    await expectWhole();
  });

  test('of several streams each has its own outcome: one lost race refuses no other', async () => {
    await appender.follow();
    await other.append(STREAMS.errors, [errorDraft('A')]);
    const appends = [STREAMS.risk, STREAMS.errors, STREAMS.config].map((stream) => ({
      stream,
      drafts: [errorDraft('B')],
    }));
    expect(await appender.tryAppendAll(appends)).toEqual([true, false, true]);
    expect(state.eventCount).toBe(3);
    await expectWhole();
    expect(await appender.tryAppendAll(appends)).toEqual([true, true, true]);
    expect(state.eventCount).toBe(6);
    await expectWhole();
  });

  test('decide() uses the newest state on each attempt', async () => {
    const step = (to: BotState): readonly Draft[] =>
      state.botState === to
        ? []
        : [{ type: 'BotStateChanged', data: changeState(state.botState, to, 'test'), ...CAUSE }];
    await appender.decide(STREAMS.lifecycle, () => step('provisioning'));
    await other.changeBotState('bootstrapping', 'by another process');
    await appender.decide(STREAMS.lifecycle, () =>
      state.botState === 'bootstrapping' ? step('started') : step('error'),
    );
    // error is open from everywhere, so the stale answer was refused and asked again
    expect(state.botState).toBe('started');
    await expectWhole();
  });

  test('two writers at full speed: every event once, in one order for both', async () => {
    const mine = Array.from({ length: 20 }, (_, index) =>
      appender.append(STREAMS.errors, [errorDraft(`MINE_${index}`)]),
    );
    const yours = Array.from({ length: 20 }, (_, index) =>
      other.append(STREAMS.errors, [errorDraft(`YOURS_${index}`)]),
    );
    await Promise.all([...mine, ...yours]);
    await appender.follow();
    expect(state.eventCount).toBe(40);
    await expectWhole();
    expect(await ours.verify()).toMatchObject({ ok: true, count: 40 });
  });
});

test('amounts that are each in bounds are refused when the books cannot hold their sum', async () => {
  await onFile();
  begin();
  const inject = (adjustmentId: string): Draft => {
    const amount = '600000000000000.00' as DecimalText;
    const data = { adjustmentId, amount, direction: 'inject', source: 'acknowledged-transfer', reason: 'x' } as const;
    return { type: 'FloatAdjusted', data, ...CAUSE };
  };
  await appender.append(STREAMS.float, [inject('FA-1')]);
  await expect(appender.append(STREAMS.float, [inject('FA-2')])).rejects.toMatchObject({ code: 'BOOKS_OUT_OF_RANGE' });
  await expectWhole();
  expect(state.float.text()).toBe('600000000000000.00');
});
