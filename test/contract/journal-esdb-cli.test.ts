import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FINDING_NAMES, type Finding } from '../../src/domain/journal-check/findings.js';
import { CommandRunner, type CommandResult } from '../support/command-runner.js';
import { TestAuthority } from '../support/certificates.js';
import { EsdbDouble } from '../support/esdb-double/double.js';
import { Stranger } from '../support/esdb-double/stranger.js';
import { TestServer, freshIdentity } from '../support/esdb-double/test-server.js';
import { filesUnder, removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';

let server: TestServer;
let url: string;
let home: string;
/** A real server has the user of its own address. */
let password: string;

const runner = new CommandRunner();

/** In a child process, since a double in this process must continue to answer. */
function tradebot(args: readonly string[], journalUrl?: string): Promise<CommandResult> {
  return runner.run(['--home', home, ...args], journalUrl === undefined ? {} : { TRADEBOT_JOURNAL_URL: journalUrl });
}

beforeAll(async () => {
  server = await TestServer.start();
  url = server.isReal ? server.url : server.urlAs('bot', 'hunter2');
  password = new URL(url.replace(/^esdb/, 'http')).password || 'hunter2';
  home = temporaryHome();
});

afterAll(async () => {
  await runner.end();
  server.stop();
  removeTemporaryHomes();
});

describe('the CLI on EventStoreDB', () => {
  test('verify and events read a day that was traded on EventStoreDB', async () => {
    const identity = freshIdentity();
    const traded = await tradebot([
      ...['day', '--synthetic', '--seed', '7', '--identity', identity],
      ...['--set', `JOURNAL_URL=${url}`],
    ]);
    expect(traded).toMatchObject({ code: 0, err: expect.not.stringContaining(password) });
    expect(traded.out).toContain(`journal        ${url.replace(/\?.*/, '').replace(/\/\/.*@/, '//')}\n`);
    const stranger = new Stranger(server.url);
    const count = (await stranger.events(`${identity}-`)).length;
    await stranger.end();
    expect(count).toBeGreaterThan(50);
    const verified = await tradebot(['verify', '--json'], url);
    expect(verified.code).toBe(0);
    expect(JSON.parse(verified.out)).toMatchObject({ ok: true, count });
    const printed = await tradebot(['events'], url);
    expect(printed.out.trim().split('\n')).toHaveLength(count);
    expect(traded.out + verified.out + printed.out).not.toContain(password);
    expect(Object.values(filesUnder(home)).filter((text) => text.includes(password))).toEqual([]);
  });

  test.each([
    ['a server that is not there', 'esdb://bot:hunter2@127.0.0.1:9?tls=false', 'JOURNAL_UNREACHABLE'],
    ['a URL that is none', 'http://bot:hunter2@h', 'SETTINGS_INVALID'],
    ['an option that is none', 'esdb://bot:hunter2@h?tsl=true', 'JOURNAL_URL_INVALID'],
  ])('%s gives one line with the remedy', async (_what, wrong, code) => {
    const ended = await tradebot(['verify'], wrong);
    expect(ended.code).toBe(1);
    expect(ended.err).toContain(code);
    expect(ended.err.trim().split('\n')).toHaveLength(1);
    expect(ended.err + ended.out).not.toContain('hunter2');
  });

  test('journal check shows each finding, and refuses a password in its arguments', async () => {
    const other = freshIdentity();
    const asked = ['journal', 'check', '--url', server.url.replace(/\/\/.*@/, '//'), '--identity', other];
    const checked = await tradebot([...asked, '--json']);
    const { ok, findings } = JSON.parse(checked.out) as { ok: boolean; findings: readonly Finding[] };
    const failed = findings.filter(({ result }) => result === 'failed');
    expect([checked.code, ok, checked.err]).toEqual([failed.length === 0 ? 0 : 3, failed.length === 0, '']);
    expect(findings.map(({ name }) => name)).toEqual([...FINDING_NAMES]);
    const authority = new TestAuthority();
    const caFile = join(temporaryHome(), 'ca.pem');
    writeFileSync(caFile, authority.certificate);
    const secured = await EsdbDouble.start({ batchAppend: true, tls: { ...authority.issue(['127.0.0.1']), caFile } });
    const quiet = await tradebot(['journal', 'check', '--url', secured.url, '--identity', other]);
    secured.stop();
    // Node would warn of a TLS server name that is an IP address
    expect([quiet.code, quiet.err, quiet.out]).toEqual([0, '', expect.stringMatching(/^reach +ok /m)]);
    const away = await tradebot(['journal', 'check', '--url', 'esdb://127.0.0.1:9']);
    expect([away.code, away.out]).toEqual([
      3,
      expect.stringMatching(/^reach +failed +no program accepts connections/m),
    ]);
    const shown = await tradebot(['journal', 'check', '--url', 'esdb://bot:hunter2@h']);
    expect([shown.code, shown.err]).toEqual([1, expect.stringContaining('PASSWORD_IN_ARGUMENT')]);
    expect(shown.err).not.toContain('hunter2');
  });

  test('--fresh is refused because the CLI cannot empty a server', async () => {
    const ended = await tradebot(['day', '--synthetic', '--fresh'], url);
    expect(ended).toMatchObject({ code: 1, err: expect.stringContaining('FRESH_ON_SERVER') });
  });
});
