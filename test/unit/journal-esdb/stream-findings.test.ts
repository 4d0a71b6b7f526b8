import { describe, expect, test } from '@jest/globals';
import {
  cutFinding,
  lostFinding,
  misplaced,
  restrictedFinding,
} from '../../../src/adapters/journal-esdb/stream-findings.js';
import type { StreamSettings } from '../../../src/adapters/journal-esdb/stream-settings.js';
import { parseStreamName } from '../../../src/events/event.js';

const SETTINGS: StreamSettings = {
  stream: parseStreamName('config'),
  cuts: [['$maxCount', '1']],
  deleted: false,
  readers: undefined,
  writers: [],
  text: '{}',
  serverId: 'id-1',
  revision: 0,
  at: null,
  position: null,
};
const COMMAND = 'tradebot journal undo config --reason TEXT';

describe('what a finding of a stream says', () => {
  test('its command has every option that the command needs', () => {
    const stream = parseStreamName('config');
    const texts = [
      cutFinding(SETTINGS),
      restrictedFinding(SETTINGS, 'bot'),
      misplaced({ stream, revision: 3 }, ['E1']),
    ];
    expect(texts.filter(({ remedy }) => !remedy.includes(COMMAND))).toEqual([]);
  });

  test('one revision is singular, several are plural', () => {
    const gap = { stream: parseStreamName('config'), from: 1, after: null, before: null };
    expect(lostFinding({ ...gap, to: 1 }, null).message).toBe('revision 1 of stream config is gone');
    expect(lostFinding({ ...gap, to: 2 }, null).message).toBe('revisions 1 to 2 of stream config are gone');
  });
});
