import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { done, pathsOf, removeScratch, scratchFolder, tradebot } from './support/program.js';

let home: string;
const answer = <T = object>(...args: readonly string[]): Promise<T> => done<T>(...args, '--home', home);
const refused = (...args: readonly string[]) => tradebot(...args, '--home', home, '--json');
const day = ['day', '--synthetic', '--seed', '7', '--set'];

beforeAll(async () => {
  home = scratchFolder();
  await answer(...day, 'MAX_TRADES=4');
});
afterAll(removeScratch);

interface Event {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

async function eventsOf(types: string): Promise<readonly Event[]> {
  const { out } = await tradebot('events', '--home', home, '--type', types);
  return out
    .trimEnd()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Event);
}

test('a strategy of the template is tested, found, traded, replayed, and another module of it is named', async () => {
  const written = await answer<{ readonly module: string }>('new-strategy', 'gap-fade');
  const module = join(home, written.module);
  const tested = await answer<{ readonly output: string }>('test-strategy', 'gap-fade');
  expect(tested.output).toMatch(/pass 4[\s\S]*fail 0/);
  const shown = await answer<{
    readonly recorded: boolean;
    readonly strategies: readonly { readonly sha256: string }[];
  }>('strategies');
  expect(shown.recorded).toBe(true);
  const sha256 = shown.strategies[0]?.sha256;

  await answer(...day, 'STRATEGY_SEQUENCE=gap-fade', '--set', 'OWN_GAP_FADE_BUFFER=0.0001', '--date', '2026-01-06');
  const started = await eventsOf('StrategyStarted');
  expect(started.map(({ data }) => [data['strategy'], data['codeSha256']]).at(-1)).toEqual(['gap-fade', sha256]);
  const log = readFileSync(pathsOf(home).log('gap-fade'), 'utf8');
  expect(log).toMatch(/"event":"PositionClosed"/);
  const whatIf = ['what-if', '--session', '2026-01-06'];
  expect(await answer(...whatIf)).toMatchObject({ firstDifference: null, code: [] });
  await answer('rebuild', 'all', '--check');

  writeFileSync(module, readFileSync(module, 'utf8').replace('price > upper', 'price < upper'));
  const changed = await answer<{ readonly code: readonly object[]; readonly firstDifference: unknown }>(...whatIf);
  expect(changed.code).toEqual([
    { strategy: 'gap-fade', recorded: sha256, now: expect.stringMatching(/^[0-9a-f]{64}$/) },
  ]);
  expect(changed.firstDifference).not.toBeNull();

  writeFileSync(module, readFileSync(module, 'utf8').replace('const strategy', 'const ='));
  const broken = await refused('strategies');
  expect(broken.code).toBe(3);
  expect(broken.out).toContain('"where":"strategies/gap-fade/gap-fade.ts:4:7"');
  const unknown = await refused(...day, 'STRATEGY_SEQUENCE=gap-fades', '--date', '2026-01-07');
  expect(unknown.err).toContain('gap-fades is no strategy of the program');
});
