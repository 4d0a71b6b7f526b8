import { beforeEach, describe, expect, test } from '@jest/globals';
import { MemoryJournal } from '../../src/adapters/journal-memory/memory-journal.js';
import { VirtualClock } from '../../src/adapters/clock/virtual-clock.js';
import { EngineAppender } from '../../src/app/journal/engine-appender.js';
import { bookAdjustingEntry, type AdjustRequest } from '../../src/app/manual-entries/adjusting-entry.js';
import { refuseAdjustment } from '../../src/app/manual-entries/early-refusals.js';
import { DEFAULT_COA } from '../../src/domain/accounting/coa.js';
import { EngineState } from '../../src/domain/session/engine-state.js';
import { STREAMS } from '../../src/events/streams.js';
import { composeBotIdentity } from '../../src/kernel/identity.js';
import { parseUtcText } from '../../src/kernel/time.js';
import { TEST_PARTS } from '../support/provision.js';
import { CODES } from './support/fills.js';

const REQUEST: AdjustRequest = {
  ...{ settles: null, symbol: null, side: null, quantity: null, price: null, at: null },
  ...{ cash: '-0.35', account: '4055', reason: 'a fee', requestId: 'request-1' },
};

let journal: MemoryJournal;
let appender: EngineAppender;
let book: (request: AdjustRequest) => Promise<string>;

beforeEach(() => {
  const clock = new VirtualClock(parseUtcText('2024-03-01T16:00:00.000Z'));
  const state = new EngineState(CODES);
  journal = new MemoryJournal({ clock });
  const identity = composeBotIdentity(TEST_PARTS);
  appender = new EngineAppender({ journal, clock, state, identity, actor: 'system:engine' });
  const parts = { state, appender, journal, clock, now: clock, leftOut: () => Promise.resolve([]) };
  book = async (request) => (await bookAdjustingEntry(parts, request, 'user:local')).adjustmentId;
});

/** A new chart in which the account takes no postings any more. */
async function close(code: string): Promise<void> {
  const accounts = DEFAULT_COA.accounts.map((one) => (one.code === code ? { ...one, active: false } : one));
  const data = { ...DEFAULT_COA, version: '1.0.1', accounts };
  const draft = { type: 'CoaChanged', data, correlationId: 'coa', causationId: null } as const;
  await appender.decide(STREAMS.accounting, () => [draft], 'user:local');
}

describe('what is said of an entry before it is booked', () => {
  test('an account of the newest chart is judged as by who books it', async () => {
    await expect(refuseAdjustment(journal, REQUEST)).resolves.toBeUndefined();
    await close('4055');
    const refused = { code: 'BAD_ADJUSTMENT', details: { field: 'account' } };
    await expect(refuseAdjustment(journal, REQUEST)).rejects.toMatchObject(refused);
    await expect(book(REQUEST)).rejects.toMatchObject(refused);
  });

  test('a repetition of what is booked already gets its answer, whatever has changed since', async () => {
    const id = await book(REQUEST);
    await close('4055');
    await expect(refuseAdjustment(journal, REQUEST)).resolves.toBeUndefined();
    expect(await book(REQUEST)).toBe(id);
    const other = { ...REQUEST, requestId: 'request-2' };
    await expect(refuseAdjustment(journal, other)).rejects.toMatchObject({ code: 'BAD_ADJUSTMENT' });
  });
});
