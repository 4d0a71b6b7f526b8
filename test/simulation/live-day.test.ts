import { describe, expect, test } from '@jest/globals';
import type { RecordedEvent } from '../../src/events/event.js';
import { played } from './support/days.js';
import { liveHome } from './support/live-harness.js';
import { expectGoodBooks } from './support/oracle.js';

/** Trading events, without those of the start of the session, which differs. */
function trading(events: readonly RecordedEvent[]): readonly string[] {
  const opened = events.findIndex(({ type }) => type === 'SessionOpened');
  return events
    .slice(opened + 1)
    .filter(({ type }) => type !== 'JournalSealed' && type !== 'FloatSnapshotTaken')
    .filter(({ type, data }) => type !== 'BooksCompared' || !('occasion' in data) || data.occasion !== 'start')
    .map(({ type, stream, occurredAt, recordedAt, data }) =>
      JSON.stringify([type, stream, occurredAt, recordedAt, data]),
    );
}

describe('a live session in real time', () => {
  test('it equals the simulated session event for event', async () => {
    const live = liveHome();
    const { session } = await live.start();
    expect(await session.run()).toBe('closed');
    const day = await played();
    expect(trading(await live.events())).toEqual(trading(await day.events()));
    await expectGoodBooks(live.home, { trades: 4 });
  });
});
