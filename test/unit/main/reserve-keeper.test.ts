import { expect, test } from '@jest/globals';
import type { DiskReserve } from '../../../src/adapters/files/disk-reserve.js';
import type { BotState } from '../../../src/domain/lifecycle/bot-state.js';
import type { ChildDeath } from '../../../src/processes/main/child-supervisor.js';
import { ReserveKeeper } from '../../../src/processes/main/reserve-keeper.js';

function keeperOf(facts: { readonly state?: BotState; readonly halt?: boolean; readonly open?: readonly string[] }) {
  const said: string[] = [];
  const reserve = {
    isWhole: false,
    make: async () => void said.push('make'),
    release: (purpose: string) => void said.push(purpose),
  };
  const keeper = new ReserveKeeper({
    reserve: reserve as unknown as DiskReserve,
    home: { settled: true, state: facts.state ?? 'idle', openPositions: () => facts.open ?? [] },
    haltOpen: () => facts.halt ?? false,
  });
  return { keeper, reserve, said };
}

const death = (code: string, outage = true): ChildDeath =>
  ({ outage, end: { lastWord: { error: { code } } } }) as unknown as ChildDeath;

test.each<[string, Parameters<typeof keeperOf>[0], ChildDeath, readonly string[]]>([
  ['a halt gets everything', { halt: true }, death('JOURNAL_STALLED'), ['halt']],
  ['so does a closing', { state: 'emergency_closing_positions' }, death('JOURNAL_STALLED'), ['halt']],
  ['exits get their share', { open: ['AIG long'] }, death('JOURNAL_STALLED'), ['exits']],
  ['nothing is open', {}, death('JOURNAL_STALLED'), []],
  ['a locked journal needs no space', { halt: true }, death('JOURNAL_BUSY'), []],
  ['a defect needs no space', { halt: true }, death('JOURNAL_STALLED', false), []],
])('an engine has died of a full disk: %s', (_what, facts, died, released) => {
  const { keeper, said } = keeperOf(facts);
  keeper.engineDied(died);
  expect(said).toEqual(released);
});

test('it is set aside every 15 s, never while the bot closes, and missed after half a minute', () => {
  const { keeper, reserve, said } = keeperOf({});
  const missing: number[] = [];
  for (let second = 1; second <= 40; second += 1) {
    keeper.tick();
    if (keeper.isMissing) missing.push(second);
  }
  expect([said.length, missing[0]]).toEqual([3, 31]);
  reserve.isWhole = true;
  expect(keeper.isMissing).toBe(false);
  const closing = keeperOf({ state: 'graceful_closing_positions' });
  for (let second = 1; second <= 40; second += 1) closing.keeper.tick();
  expect(closing.said).toEqual([]);
});
