import { describe, expect, test } from '@jest/globals';
import { statusDefinition } from '../../../projections/status/status.js';
import { asOf, type Moment } from '../../../src/app/as-of/as-of.js';
import { bookFigures } from '../../../src/app/as-of/figures.js';
import type { RecordedEvent } from '../../../src/events/event.js';
import { homePaths } from '../../../src/domain/home/home-paths.js';
import { centsToDecimal } from '../../../src/kernel/money.js';
import type { UtcText } from '../../../src/kernel/time.js';
import type { Snapshot, Snapshots } from '../../../src/ports/snapshots.js';
import { BOT, Tape } from '../support/events.js';
import { Broker, CODES } from '../support/fills.js';
import { STRATEGY_NAMES } from '../../../src/domain/config/configured-strategies.js';

class KeptInMemory implements Snapshots {
  readonly kept: Snapshot[] = [];

  newest(upTo: Parameters<Snapshots['newest']>[0]): Snapshot | undefined {
    return this.kept.findLast((each) =>
      'position' in upTo ? each.position <= upTo.position : each.latestAt <= upTo.time,
    );
  }

  keep(snapshot: Snapshot): void {
    this.kept.push(snapshot);
  }

  forget(): void {
    this.kept.length = 0;
  }
}

/** Events in journal order, each with its time of recording and its time of occurrence. */
function tapeOf(...events: readonly (readonly [event: RecordedEvent, recordedAt: string])[]): Tape {
  const tape = new Tape();
  for (const [event, recordedAt] of events) tape.events.push({ ...event, recordedAt: recordedAt as UtcText });
  return tape;
}

const at = (clock: string): string => `2013-10-07T${clock}:00.000Z`;
const OTHERS: readonly string[] = [];
const status = statusDefinition(homePaths('/home', BOT), {
  codes: CODES,
  lotMethod: 'FIFO',
  strategies: STRATEGY_NAMES,
});

async function cashAsOf(journal: Tape, moment: Moment, snapshots: Snapshots = new KeptInMemory()): Promise<string> {
  const { state } = await asOf({ journal, status, others: OTHERS, snapshots, snapshotEvery: 1 }, moment);
  return centsToDecimal(bookFigures(state.book).cash).text();
}

const byTime = (clock: string): Moment => ({ time: at(clock) as UtcText });

describe('as-of uses the time when the journal recorded an event (JRN-31)', () => {
  const broker = new Broker();
  const tape = tapeOf(
    [broker.opening('1000.00'), at('13:00')],
    [broker.filled({ id: 'E1', does: 'open_long', shares: '1', price: '100.00', at: at('15:00') }), at('15:00')],
    // happened before E1, recorded an hour after it
    [broker.filled({ id: 'E2', does: 'open_long', shares: '1', price: '50.00', at: at('14:00') }), at('16:00')],
  );

  test('a late fill does not change what was known before it arrived', async () => {
    expect(await cashAsOf(tape, byTime('14:30'))).toBe('1000.00');
    expect(await cashAsOf(tape, byTime('15:30'))).toBe('900.00');
    expect(await cashAsOf(tape, byTime('16:00'))).toBe('850.00');
  });

  test('a late fill does not change it with a snapshot at every step either', async () => {
    const snapshots = new KeptInMemory();
    await cashAsOf(tape, byTime('17:00'), snapshots);
    expect(snapshots.kept).toHaveLength(3);
    expect(await cashAsOf(tape, byTime('15:30'), snapshots)).toBe('900.00');
  });

  test('a clock that was set back brings no future event into an answer', async () => {
    const again = new Broker();
    const turned = tapeOf(
      [again.opening('1000.00'), at('13:00')],
      [again.filled({ id: 'E1', does: 'open_long', shares: '1', price: '100.00' }), at('15:00')],
      [again.filled({ id: 'E2', does: 'open_long', shares: '1', price: '50.00' }), at('14:00')],
    );
    const snapshots = new KeptInMemory();
    for (let round = 0; round < 2; round += 1) {
      expect(await cashAsOf(turned, byTime('14:30'), snapshots)).toBe('1000.00');
      expect(await cashAsOf(turned, byTime('15:00'), snapshots)).toBe('850.00');
    }
  });
});
