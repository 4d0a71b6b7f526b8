import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  endCommands,
  homeWithEvents,
  makeHome,
  ROOT,
  scratchFolder,
  startTradebot,
  tradebot,
  tradebotProcess,
} from './support.js';

let scratch: string;
let home: string;
beforeAll(async () => {
  scratch = scratchFolder();
  home = join(scratch, 'home');
  await homeWithEvents(home);
});
afterAll(async () => {
  await endCommands();
  rmSync(scratch, { recursive: true, force: true });
});

interface Line {
  readonly type: string;
  readonly stream: string;
  readonly position: string;
  readonly hash: string;
  readonly occurredAt: string;
  readonly meta: { readonly correlationId: string };
}

const events = async (...args: readonly string[]): Promise<readonly Line[]> => {
  const { code, out, err } = await tradebot(['events', '--home', home, ...args]);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return out
    .split('\n')
    .slice(0, -1)
    .map((text) => JSON.parse(text) as Line);
};

/** A home of which one event of the journal was changed. */
async function changedHome(name: string): Promise<string> {
  const { paths } = await homeWithEvents(join(scratch, name));
  const db = new Database(paths.storage.journalDb);
  const triggers = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").pluck().all() as string[];
  for (const trigger of triggers) db.exec(`DROP TRIGGER "${trigger}"`);
  db.exec("UPDATE events SET body = replace(body, 'because a3', 'because A3')");
  db.close();
  return paths.home;
}

describe('the program', () => {
  test('it prints its version, and its commands with their common options', () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { readonly version: string };
    expect(tradebotProcess(['--version'])).toEqual({
      code: 0,
      out: expect.stringMatching(
        new RegExp(`^${version} \\(Node [0-9.]+, (of this machine|installed by set-up)\\)\n$`),
      ),
      err: '',
    });
    const help = tradebotProcess(['verify', '--help']);
    expect(help.code).toBe(0);
    expect(help.out).toMatch(/--home <dir>[\s\S]*--json/);
  });

  test.each([
    [['frobnicate'], "unknown command 'frobnicate'"],
    [['verify', '--wrong'], "unknown option '--wrong'"],
    [['verify', 'extra'], 'too many arguments'],
    [['verify', '--home'], 'argument missing'],
    [['--json'], 'no command was given'],
  ])('%j gives one line on stderr and exit 1', async (args, why) => {
    const { code, out, err } = await tradebot(args);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain(why);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
  });

  test('a process of its own ends with the code and the output of the command', async () => {
    const nothing = join(scratch, 'nothing');
    const changed = await changedHome('changed-too');
    const codes: (number | null)[] = [];
    for (const args of [
      ['verify', '--home', home],
      ['verify', '--home', nothing, '--json'],
      ['verify', '--home', changed],
    ]) {
      const own = tradebotProcess(args);
      expect(own).toEqual(await tradebot(args));
      codes.push(own.code);
    }
    expect(codes).toEqual([0, 1, 3]);
  });

  test('without a command it prints its usage and exits with 1', async () => {
    const { code, out, err } = await tradebot([]);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^Usage: tradebot[\s\S]*verify[\s\S]*events/);
    expect(err).not.toContain('(USAGE)');
  });

  test('with --json a refusal is one JSON object', async () => {
    const { code, out, err } = await tradebot(['verify', '--json', '--home', join(scratch, 'nothing')]);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(JSON.parse(err)).toMatchObject({ ok: false, error: { kind: 'ConfigError', code: 'HOME_MISSING' } });
  });

  test('the stack is printed only on request', async () => {
    const args = ['verify', '--home', join(scratch, 'nothing')];
    expect((await tradebot(args)).err).not.toContain('    at ');
    expect((await tradebot(args, { TRADEBOT_DEBUG: '1' })).err).toContain('    at ');
  });

  test('TRADEBOT_HOME sets the home, and --home overrides it', async () => {
    expect((await tradebot(['verify'], { TRADEBOT_HOME: home })).code).toBe(0);
    const { err } = await tradebot(['verify', '--home', join(scratch, 'nothing')], { TRADEBOT_HOME: home });
    expect(err).toContain('HOME_MISSING');
    expect((await tradebot(['verify', '--home', ''])).err).toContain('HOME_EMPTY');
  });
});

describe('verify', () => {
  test('a valid journal: count, head, exit 0', async () => {
    const head = (await events()).at(-1)?.hash ?? '';
    expect(await tradebot(['verify', '--home', home])).toEqual({
      code: 0,
      out: expect.stringMatching(new RegExp(`^ok, 5 events, head ${head}\ndigest of the events alone [0-9a-f]{64}\n$`)),
      err: '',
    });
    expect(JSON.parse((await tradebot(['--json', 'verify', '--home', home])).out)).toEqual({
      ok: true,
      count: 5,
      head,
      eventsDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  test('a changed event: its position, exit 3', async () => {
    const changed = await changedHome('changed');
    const found = await tradebot(['verify', '--home', changed]);
    expect(found).toMatchObject({ code: 3, err: '' });
    expect(found.out).toMatch(/^DAMAGED at position 0*3: .*\(HASH_MISMATCH\)\n$/);
    expect(JSON.parse((await tradebot(['verify', '--json', '--home', changed])).out)).toMatchObject({ ok: false });
  });

  test('a missing journal, a foreign file and a truncated file are refused, and nothing is created', async () => {
    const { paths } = makeHome(join(scratch, 'empty'));
    expect(await tradebot(['verify', '--home', paths.home])).toMatchObject({ code: 1, out: '' });
    expect(readdirSync(paths.storage.journalDir)).toEqual([]);
    writeFileSync(paths.storage.journalDb, 'these are the notes of somebody else, and no journal at all');
    const foreign = await tradebot(['verify', '--home', paths.home]);
    expect(foreign.code).toBe(1);
    expect(foreign.err).toContain('JOURNAL_FOREIGN');
    writeFileSync(paths.storage.journalDb, readFileSync(join(home, 'storage/journal/journal.db')).subarray(0, 60));
    const cut = await tradebot(['verify', '--home', paths.home]);
    expect(cut.code).toBe(3);
    expect(cut.err).toContain('JOURNAL_CORRUPT');
  });
});

describe('events (JRN-34)', () => {
  test('all in global order, one canonical JSON object a line', async () => {
    const all = await events();
    expect(all.map((event) => event.stream)).toEqual(['alpha-1', 'alpha-1', 'alpha-1', 'beta-1', 'beta-1']);
    expect([...all].sort((a, b) => (a.position < b.position ? -1 : 1))).toEqual(all);
  });

  test('by stream, by stream prefix, by type, by count, and by all combined', async () => {
    const types = (await events()).map((event) => event.type);
    expect(await events('--stream', 'beta-1')).toHaveLength(2);
    expect(await events('--stream', 'beta')).toHaveLength(0);
    expect(await events('--stream', 'bet*')).toHaveLength(2);
    expect(await events('--type', types[0] ?? '')).toHaveLength(3);
    expect(await events('--type', [...new Set(types)].join(','))).toHaveLength(5);
    expect((await events('--limit', '4')).map((event) => event.type)).toEqual(types.slice(0, 4));
    expect(await events('--stream', 'alpha-1', '--type', types[1] ?? '', '--limit', '9')).toHaveLength(1);
  });

  test('by time: both ends are inclusive, and a date is the whole day', async () => {
    const at = (await events())[0]?.occurredAt ?? '';
    const day = at.slice(0, 10);
    expect(await events('--from', at, '--to', at)).toHaveLength(5);
    expect(await events('--from', day, '--to', day)).toHaveLength(5);
    expect(await events('--from', '2999-01-01')).toHaveLength(0);
    expect(await events('--to', '1999-12-31')).toHaveLength(0);
  });

  test('by correlation', async () => {
    const id = (await events())[0]?.meta.correlationId ?? '';
    expect((await events('--correlation', id)).length).toBeGreaterThan(0);
    expect(await events('--correlation', 'nobody')).toHaveLength(0);
  });

  test.each([
    [['--type', 'OrderFiled'], 'UNKNOWN_EVENT_TYPE'],
    [['--limit', '0'], 'BAD_LIMIT'],
    [['--from', 'yesterday'], 'NOT_UTC'],
    [['--to', '2013-02-30'], 'NOT_A_DATE'],
    [['--stream', 'No Stream'], 'BAD_STREAM_NAME'],
  ])('%j is refused', async (args, code) => {
    const { code: exit, out, err } = await tradebot(['events', '--home', home, ...args]);
    expect({ exit, out }).toEqual({ exit: 1, out: '' });
    expect(err).toContain(code);
  });

  test('a reader that closes the pipe early is not an error', async () => {
    const child = startTradebot(['events', '--home', home]);
    child.stdout?.destroy();
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(0);
  });

  test('--follow prints existing events and stops at Ctrl-C or its limit', async () => {
    expect(await events('--follow', '--limit', '5')).toHaveLength(5);
    const child = startTradebot(['events', '--home', home, '--follow']);
    await once(child.stdout!, 'data');
    child.kill('SIGINT');
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(0);
  });
});
