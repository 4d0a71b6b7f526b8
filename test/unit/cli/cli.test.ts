import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { homeWithEvents, makeHome, ROOT, scratchFolder, startTradebot, tradebot } from './support.js';

let scratch: string;
let home: string;
beforeAll(async () => {
  scratch = scratchFolder();
  home = join(scratch, 'home');
  await homeWithEvents(home);
});
afterAll(() => {
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

const events = (...args: readonly string[]): readonly Line[] => {
  const { code, out, err } = tradebot(['events', '--home', home, ...args]);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return out
    .split('\n')
    .slice(0, -1)
    .map((text) => JSON.parse(text) as Line);
};

describe('the program', () => {
  test('it prints its version, and its commands with their common options', () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { readonly version: string };
    expect(tradebot(['--version'])).toEqual({
      code: 0,
      out: expect.stringMatching(
        new RegExp(`^${version} \\(Node [0-9.]+, (of this machine|installed by set-up)\\)\n$`),
      ),
      err: '',
    });
    const help = tradebot(['verify', '--help']);
    expect(help.code).toBe(0);
    expect(help.out).toMatch(/--home <dir>[\s\S]*--json/);
  });

  test.each([
    [['frobnicate'], "unknown command 'frobnicate'"],
    [['verify', '--wrong'], "unknown option '--wrong'"],
    [['verify', 'extra'], 'too many arguments'],
    [['verify', '--home'], 'argument missing'],
    [['--json'], 'no command was given'],
  ])('%j gives one line on stderr and exit 1', (args, why) => {
    const { code, out, err } = tradebot(args);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain(why);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
  });

  test('without a command it prints its usage and exits with 1', () => {
    const { code, out, err } = tradebot([]);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^Usage: tradebot[\s\S]*verify[\s\S]*events/);
    expect(err).not.toContain('(USAGE)');
  });

  test('with --json a refusal is one JSON object', () => {
    const { code, out, err } = tradebot(['verify', '--json', '--home', join(scratch, 'nothing')]);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(JSON.parse(err)).toMatchObject({ ok: false, error: { kind: 'ConfigError', code: 'HOME_MISSING' } });
  });

  test('the stack is printed only on request', () => {
    const args = ['verify', '--home', join(scratch, 'nothing')];
    expect(tradebot(args).err).not.toContain('    at ');
    expect(tradebot(args, { TRADEBOT_DEBUG: '1' }).err).toContain('    at ');
  });

  test('TRADEBOT_HOME sets the home, and --home overrides it', () => {
    expect(tradebot(['verify'], { TRADEBOT_HOME: home }).code).toBe(0);
    const { err } = tradebot(['verify', '--home', join(scratch, 'nothing')], { TRADEBOT_HOME: home });
    expect(err).toContain('HOME_MISSING');
    expect(tradebot(['verify', '--home', '']).err).toContain('HOME_EMPTY');
  });
});

describe('verify', () => {
  test('a valid journal: count, head, exit 0', () => {
    const head = events().at(-1)?.hash ?? '';
    expect(tradebot(['verify', '--home', home])).toEqual({ code: 0, out: `ok, 5 events, head ${head}\n`, err: '' });
    expect(JSON.parse(tradebot(['--json', 'verify', '--home', home]).out)).toEqual({ ok: true, count: 5, head });
  });

  test('a changed event: its position, exit 3', async () => {
    const { paths } = await homeWithEvents(join(scratch, 'changed'));
    const db = new Database(paths.storage.journalDb);
    const triggers = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").pluck().all() as string[];
    for (const name of triggers) db.exec(`DROP TRIGGER "${name}"`);
    db.exec("UPDATE events SET body = replace(body, 'because a3', 'because A3')");
    db.close();
    const found = tradebot(['verify', '--home', paths.home]);
    expect(found).toMatchObject({ code: 3, err: '' });
    expect(found.out).toMatch(/^DAMAGED at position 0*3: .*\(HASH_MISMATCH\)\n$/);
    expect(JSON.parse(tradebot(['verify', '--json', '--home', paths.home]).out)).toMatchObject({ ok: false });
  });

  test('a missing journal, a foreign file and a truncated file are refused, and nothing is created', () => {
    const { paths } = makeHome(join(scratch, 'empty'));
    expect(tradebot(['verify', '--home', paths.home])).toMatchObject({ code: 1, out: '' });
    expect(readdirSync(paths.storage.journalDir)).toEqual([]);
    writeFileSync(paths.storage.journalDb, 'these are the notes of somebody else, and no journal at all');
    const foreign = tradebot(['verify', '--home', paths.home]);
    expect(foreign.code).toBe(1);
    expect(foreign.err).toContain('JOURNAL_FOREIGN');
    writeFileSync(paths.storage.journalDb, readFileSync(join(home, 'storage/journal/journal.db')).subarray(0, 60));
    const cut = tradebot(['verify', '--home', paths.home]);
    expect(cut.code).toBe(3);
    expect(cut.err).toContain('JOURNAL_CORRUPT');
  });
});

describe('events (JRN-34)', () => {
  test('all in global order, one canonical JSON object a line', () => {
    const all = events();
    expect(all.map((event) => event.stream)).toEqual(['alpha-1', 'alpha-1', 'alpha-1', 'beta-1', 'beta-1']);
    expect([...all].sort((a, b) => (a.position < b.position ? -1 : 1))).toEqual(all);
  });

  test('by stream, by stream prefix, by type, by count, and by all combined', () => {
    const types = events().map((event) => event.type);
    expect(events('--stream', 'beta-1')).toHaveLength(2);
    expect(events('--stream', 'beta')).toHaveLength(0);
    expect(events('--stream', 'bet*')).toHaveLength(2);
    expect(events('--type', types[0] ?? '')).toHaveLength(3);
    expect(events('--type', [...new Set(types)].join(','))).toHaveLength(5);
    expect(events('--limit', '4').map((event) => event.type)).toEqual(types.slice(0, 4));
    expect(events('--stream', 'alpha-1', '--type', types[1] ?? '', '--limit', '9')).toHaveLength(1);
  });

  test('by time: both ends are inclusive, and a date is the whole day', () => {
    const at = events()[0]?.occurredAt ?? '';
    const day = at.slice(0, 10);
    expect(events('--from', at, '--to', at)).toHaveLength(5);
    expect(events('--from', day, '--to', day)).toHaveLength(5);
    expect(events('--from', '2999-01-01')).toHaveLength(0);
    expect(events('--to', '1999-12-31')).toHaveLength(0);
  });

  test('by correlation', () => {
    const id = events()[0]?.meta.correlationId ?? '';
    expect(events('--correlation', id).length).toBeGreaterThan(0);
    expect(events('--correlation', 'nobody')).toHaveLength(0);
  });

  test.each([
    [['--type', 'OrderFiled'], 'UNKNOWN_EVENT_TYPE'],
    [['--limit', '0'], 'BAD_LIMIT'],
    [['--from', 'yesterday'], 'NOT_UTC'],
    [['--to', '2013-02-30'], 'NOT_A_DATE'],
    [['--stream', 'No Stream'], 'BAD_STREAM_NAME'],
  ])('%j is refused', (args, code) => {
    const { code: exit, out, err } = tradebot(['events', '--home', home, ...args]);
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
    expect(events('--follow', '--limit', '5')).toHaveLength(5);
    const child = startTradebot(['events', '--home', home, '--follow']);
    await once(child.stdout!, 'data');
    child.kill('SIGINT');
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(0);
  });
});
