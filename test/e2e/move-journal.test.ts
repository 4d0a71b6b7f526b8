import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CommandRunner, type CommandResult } from '../support/command-runner.js';
import { EsdbDouble } from '../support/esdb-double/double.js';
import { eventually } from '../support/eventually.js';
import * as program from './support/program.js';

let double: EsdbDouble;
let stayed: string;
let moved: string;
const runner = new CommandRunner();

beforeAll(async () => {
  await program.buildOnce();
  double = await EsdbDouble.start();
  stayed = join(program.scratchFolder(), 'stayed');
  moved = join(program.scratchFolder(), 'moved');
});
afterAll(async () => {
  await runner.end();
  double.stop();
  await program.removeScratch();
});

async function tradebot(args: readonly string[], journalUrl?: string): Promise<CommandResult> {
  const ended = await runner.run(args, journalUrl === undefined ? {} : { TRADEBOT_JOURNAL_URL: journalUrl });
  expect({ ...ended, args }).toEqual({ ...ended, args, code: 0 });
  expect(ended.code === 0 ? '' : ended.err).toBe('');
  return ended;
}

const day = (home: string, days: number, journalUrl?: string): Promise<CommandResult> =>
  tradebot(['day', '--synthetic', '--seed', '7', '--days', String(days), '--home', home], journalUrl);
const move = (to: string): readonly string[] => ['journal', 'move', '--to', to, '--reason', 'a test', '--home', moved];

interface Verified {
  readonly ok: boolean;
  readonly eventsDigest: string;
  readonly moves: readonly { readonly ok: boolean; readonly eventsDigest: string }[];
}
const verified = async (home: string, journalUrl?: string): Promise<Verified> =>
  JSON.parse((await tradebot(['verify', '--json', '--home', home], journalUrl)).out) as Verified;

/** Kills the command in the middle, when `reached` holds; it may have ended before. */
async function killed(
  args: readonly string[],
  reached: () => boolean,
  env: Record<string, string> = {},
): Promise<void> {
  const child = program.startTradebot(args, 'ignore', env);
  await eventually('the command is in the middle', () => reached() || child.exitCode !== null, { everyMs: 1 });
  child.kill('SIGKILL');
  await program.ended(child);
}

/** The events of the moves shift the positions of those after them, which some files name. */
const withoutPositions = (path: string): string =>
  program.textOf(path).replace(/\b(?:\d{20}-)?\d{16,20}\b/g, 'position');

describe('a bot whose journal moves to a server and back (JRN-6)', () => {
  test('trades as one that stayed: same books and exports, proven events, though both moves were killed', async () => {
    await day(stayed, 3);
    await day(moved, 1);
    const atHome = await verified(moved);
    await killed(move(double.url), () => double.store.log.length > 30);
    await tradebot(move(double.url));
    expect(await verified(moved, double.url)).toMatchObject({
      ok: true,
      moves: [{ ok: true, eventsDigest: atHome.eventsDigest }],
    });
    await day(moved, 2, double.url);
    const onServer = await verified(moved, double.url);
    const { stagedJournal, moveNote } = program.pathsOf(moved).storage;
    const env = { TRADEBOT_JOURNAL_URL: double.url };
    await killed(move('sqlite:'), () => existsSync(stagedJournal) || existsSync(moveNote), env);
    await tradebot(move('sqlite:'), double.url);
    const back = await verified(moved);
    expect(back).toMatchObject({ ok: true, moves: [{ ok: true }, { ok: true, eventsDigest: onServer.eventsDigest }] });
    await day(moved, 3);
    const [there, here] = [program.pathsOf(moved).output, program.pathsOf(stayed).output];
    for (const file of ['tradeHistoryCsv', 'tradeHistoryJson', 'dailySummary'] as const) {
      expect(withoutPositions(there[file])).toBe(withoutPositions(here[file]));
    }
    const files = Object.keys(program.treeOf(here.exports)).filter((name) => /\.\w+$/.test(name));
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) {
      expect(withoutPositions(join(there.exports, file))).toBe(withoutPositions(join(here.exports, file)));
    }
    await tradebot(['rebuild', 'all', '--check', '--home', moved]);
    const asOf = async (home: string): Promise<string> =>
      (await tradebot(['as-of', '--time', '2026-01-05T23:00:00Z', '--home', home])).out.replace(/^.*\n/, '');
    expect(await asOf(moved)).toBe(await asOf(stayed));
    expect(await verified(moved)).toMatchObject({ ok: true });
  });
});
