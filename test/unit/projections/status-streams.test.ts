import { describe, expect, test } from '@jest/globals';
import { newBody, type StatusState } from '../../../projections/status/status-state.js';
import { streamFields, streamFindings, streamHandlers } from '../../../projections/status/streams.js';
import type { RecordedEvent } from '../../../src/events/event.js';
import type { Sha256Hex } from '../../../src/kernel/hash.js';

const stateOf = (): StatusState => ({ body: newBody() }) as StatusState;
const meta = { botIdentity: 'DEMO_US_SIM_B01' };
const about = { position: '1', recordedAt: '2013-10-07T13:30:00.000Z', occurredAt: '2013-10-07T13:30:00.000Z', meta };

const found = (stream: string, inOurStream: boolean) => {
  const facts = { fromRevision: 2, toRevision: 3, position: null, eventType: 'Theirs', bytes: 2, storedAt: null };
  const data = { stream, inOurStream, ...facts, sha256: '0'.repeat(64) as Sha256Hex };
  return { type: 'ForeignEventsFound', data, ...about } as RecordedEvent<'ForeignEventsFound'>;
};
const acknowledged = (stream: string) =>
  ({ type: 'ForeignEventsAcknowledged', stream, ...about }) as RecordedEvent<'ForeignEventsAcknowledged'>;

describe('streams that others reached, in the status', () => {
  test('nothing is shown where nothing is known', () => {
    expect(streamFields(stateOf())).toEqual({});
    expect(streamFindings(stateOf(), [])).toEqual([]);
  });

  test('a stream of ours is critical until it is acknowledged, with the command', () => {
    const state = stateOf();
    streamHandlers.ForeignEventsFound(state, found('risk', true));
    const remedy = expect.stringContaining('tradebot journal acknowledge risk');
    expect(streamFindings(state, [])).toMatchObject([{ code: 'STREAM_BLOCKED', severity: 'Critical', remedy }]);
    expect(streamFields(state)).toMatchObject({ journal_streams: { blocked: ['risk'], foreign: 0 } });
    streamHandlers.ForeignEventsAcknowledged(state, acknowledged('risk'));
    expect(streamFindings(state, [])).toEqual([]);
  });

  test('streams of others are one warning that names the first ten', () => {
    const state = stateOf();
    for (let one = 0; one < 15; one += 1) {
      for (const event of [found(`theirs-${one}`, false), found('theirs-0', false)]) {
        streamHandlers.ForeignEventsFound(state, event);
      }
    }
    const [finding, ...more] = streamFindings(state, []);
    expect(finding).toMatchObject({ code: 'FOREIGN_STREAMS', severity: 'Warning' });
    expect(finding?.text).toContain('and 5 more');
    expect(more).toEqual([]);
  });
});
