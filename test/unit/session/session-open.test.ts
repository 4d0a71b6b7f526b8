import { describe, expect, test } from '@jest/globals';
import { MemoryJournal } from '../../../src/adapters/journal-memory/memory-journal.js';
import { openSessionDate } from '../../../src/app/journal/open-session.js';
import { isSessionOpen } from '../../../src/domain/session/session-open.js';
import { parseUtcText, toUtcText } from '../../../src/kernel/time.js';

const closesAt = toUtcText(parseUtcText('2026-03-02T21:00:00.000Z'));

describe('one rule says whether a session is open', () => {
  test.each([
    ['no session yet', undefined, '15:00:00.000', false],
    ['before the hours, while it is prepared', { closesAt, closed: false }, '14:29:59.000', true],
    ['during its hours', { closesAt, closed: false }, '15:00:00.000', true],
    ['in the last millisecond of its hours', { closesAt, closed: false }, '20:59:59.999', true],
    ['at the close, before SessionClosed', { closesAt, closed: false }, '21:00:00.000', false],
    ['three hours after the close, its process died', { closesAt, closed: false }, '23:59:00.000', false],
    ['closed early, during its hours', { closesAt, closed: true }, '15:00:00.000', false],
    ['closed, after its hours', { closesAt, closed: true }, '22:00:00.000', false],
  ])('%s', (_case, newest, time, open) => {
    expect(isSessionOpen(newest, parseUtcText(`2026-03-02T${time}Z`))).toBe(open);
  });

  test('a journal without a session has no open session', async () => {
    const clock = { now: () => parseUtcText('2026-03-02T15:00:00.000Z') };
    expect(await openSessionDate(new MemoryJournal({ clock }), clock)).toBeUndefined();
  });
});
