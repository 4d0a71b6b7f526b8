import { expect, test } from '@jest/globals';
import type { ProcessHealth, ToChild } from '../../../src/processes/ipc/messages.js';
import { ProjectorChannel } from '../../../src/processes/main/projector-channel.js';

type State = ProcessHealth['state'];

/** A channel to a projector that is in these states, look by look; the last one stays. */
function channelTo(...states: readonly State[]): { channel: ProjectorChannel; sent: ToChild[] } {
  const sent: ToChild[] = [];
  let looks = 0;
  const state = (): State => states[Math.min(looks++, states.length - 1)] ?? 'stopped';
  const projector = {
    health: () => ({ state: state(), figures: {} }) as ProcessHealth,
    send: (message: ToChild) => void sent.push(message),
  };
  return { channel: new ProjectorChannel(() => projector, 500), sent };
}

const CHECK = { kind: 'check', name: 'all', actor: 'user:local' } as const;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test.each<readonly State[]>([['running'], ['starting', 'running'], ['waiting to restart', 'starting', 'running']])(
  'work waits for a projector that is %s',
  async (...states) => {
    const { channel, sent } = channelTo(...states);
    const answer = channel.work(CHECK);
    while (sent.length === 0) await turn();
    channel.receive({ kind: 'worked', id: 1, answer: { ok: true, value: 'done' } });
    expect(await answer).toEqual({ ok: true, value: 'done' });
  },
);

test.each<State>(['stopped', 'stopping', 'given up', 'starting'])(
  'work for a projector that stays %s is refused, and nothing is sent',
  async (state) => {
    const { channel, sent } = channelTo(state);
    expect(await channel.work(CHECK)).toMatchObject({ ok: false, error: { code: 'PROJECTOR_NOT_RUNNING' } });
    expect(sent).toEqual([]);
  },
);

test('a projector that ends has answered nothing', async () => {
  const { channel, sent } = channelTo('running');
  const answer = channel.work(CHECK);
  while (sent.length === 0) await turn();
  channel.ended();
  expect(await answer).toMatchObject({ ok: false, error: { code: 'PROJECTOR_ENDED' } });
});
