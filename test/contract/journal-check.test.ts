import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { checkJournal } from '../../src/composition/check-journal.js';
import { openJournal } from '../../src/composition/open-journal.js';
import { journalAddressOf } from '../../src/domain/config/journal-address.js';
import type { Finding, FindingName, JournalChecked } from '../../src/domain/journal-check/findings.js';
import { epochMs } from '../../src/kernel/time.js';
import { EXPIRED, NOT_YET_VALID, TestAuthority, VALID } from '../support/certificates.js';
import { EsdbDouble, type DoubleOptions } from '../support/esdb-double/double.js';
import { refusalOf } from '../support/refusal.js';
import { removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';
import { BOT } from './support/journal-events.js';

const authority = new TestAuthority();
const stops: (() => unknown)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});
afterAll(removeTemporaryHomes);

async function started(options: DoubleOptions = {}): Promise<EsdbDouble> {
  const double = await EsdbDouble.start({ batchAppend: true, ...options });
  stops.push(() => double.stop());
  return double;
}

async function listening(server: Server | HttpServer | ReturnType<typeof createHttp2Server>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  stops.push(() => new Promise((resolve) => server.close(resolve)));
  return (server.address() as AddressInfo).port;
}

function caFile(certificate: string): string {
  const file = join(temporaryHome(), 'ca.pem');
  writeFileSync(file, certificate);
  return file;
}

const clock = { now: () => epochMs(Date.now()) };
/** Long enough for a busy machine; what is silent takes it whole. */
const LIMIT_MS = 8_000;
const SHORT_MS = 700;

function check(url: string, limitMs = LIMIT_MS): Promise<JournalChecked> {
  return checkJournal({ address: journalAddressOf(url), identity: BOT, belonging: 'new home', clock, limitMs });
}

const of = ({ findings }: JournalChecked, name: FindingName): Finding | undefined =>
  findings.find((finding) => finding.name === name);

const results = ({ findings }: JournalChecked): object =>
  Object.fromEntries(findings.map(({ name, result }) => [name, result]));

const as = (url: string, user: string, password = 'changeit'): string => url.replace('://', `://${user}:${password}@`);

describe('a server that works', () => {
  test('with TLS, user and a private authority: each line is ok, and nothing of the bot is touched', async () => {
    const double = await started({ tls: { ...authority.issue(['127.0.0.1']), caFile: caFile(authority.certificate) } });
    double.users.push({ name: 'bot', password: 'pass-word', groups: ['$admins'] });
    const checked = await check(as(double.url, 'bot', 'pass-word'));
    expect([checked.ok, Object.values(results(checked))]).toEqual([true, Array(10).fill('ok')]);
    expect(JSON.stringify(checked)).not.toContain('pass-word');
    const streams = new Set(double.store.log.map(({ stream }) => stream));
    expect([...streams].sort()).toEqual([`$$${BOT}.probe`, `${BOT}.probe`]);
  });

  test('an identity that has events there is named with its times and its owner, and the server goes by its own clock', async () => {
    const double = await started();
    const record = (stream: string, type: string, data: object) =>
      double.store.append(
        `${BOT}-${stream}`,
        [
          {
            id: `${stream}-${type}`,
            type,
            data: Buffer.from(JSON.stringify(data)),
            metadata: Buffer.from('{}'),
            contentType: 'application/octet-stream',
          },
        ],
        'any',
      );
    record('lifecycle', 'BotStateChanged', {});
    record('ownership', 'OwnershipTaken', { number: 1, owner: { machine: 'box-1', home: '/srv/bot' } });
    record('ownership', 'OwnershipConfirmed', { number: 1 });
    const checked = await check(double.url);
    expect(checked.ok).toBe(false);
    expect(of(checked, 'identity')?.text).toMatch(/has events of .* since 20\d\d-.*owned by box-1 \(\/srv\/bot\)/);
  });
});

describe('an identity whose streams were deleted', () => {
  test('has its events still: a new bot is refused, and a user who may not see the settings is not', async () => {
    const double = await started({ tls: { ...authority.issue(['127.0.0.1']), caFile: caFile(authority.certificate) } });
    double.users.push({ name: 'admin', password: 'changeit', groups: ['$admins'] });
    double.users.push({ name: 'bot', password: 'changeit', groups: [] });
    double.store.setMetadata('$all', { $acl: { $r: ['bot', '$admins'] } });
    const data = Buffer.from('{}');
    const event = { id: 'E1', type: 'ConfigChanged', data, metadata: data, contentType: 'application/octet-stream' };
    double.store.append(`${BOT}-config`, [event], 'any');
    double.store.setMetadata(`${BOT}-config`, { $acl: { $mr: ['$admins'] } });
    double.store.softDelete(`${BOT}-config`);
    const byAdmin = of(await check(as(double.url, 'admin')), 'identity');
    expect(byAdmin).toMatchObject({ result: 'failed', text: expect.stringContaining('the deletion of its events') });
    expect(of(await check(as(double.url, 'bot')), 'identity')).toMatchObject({ result: 'ok' });
  });
});

describe('what answers is another program, or speaks otherwise', () => {
  const plain = (port: number): string => `esdb://127.0.0.1:${port}?tls=false`;
  const secure = (port: number): string => `esdb://127.0.0.1:${port}`;
  const says = (text: string | Buffer) =>
    createServer((socket) =>
      socket
        .on('error', () => undefined)
        .resume()
        .end(text),
    );
  const page = (): HttpServer => createHttpServer((_request, response) => response.end('<html>hello</html>'));
  const postgres = () =>
    createServer((socket) =>
      socket.on('error', () => undefined).on('data', (bytes) => (bytes[3] === 8 ? socket.end('N') : socket.destroy())),
    );

  test.each([
    ['a page of the web', page, plain, /a web server, not an EventStoreDB server/],
    ['a page of the web, asked with TLS', page, secure, /a web server, not an EventStoreDB server/],
    ['PostgreSQL', postgres, plain, /a PostgreSQL server/],
    ['PostgreSQL, asked with TLS', postgres, secure, /a PostgreSQL server/],
    ['SSH', () => says('SSH-2.0-OpenSSH_9.6\r\n'), plain, /an SSH server/],
    ['a program that hangs up', () => says(''), plain, /another program, not an EventStoreDB server/],
  ])('%s', async (_what, server, url, words) => {
    const checked = await check(url(await listening(server())));
    expect(of(checked, 'reach')).toMatchObject({ result: 'failed', text: expect.stringMatching(words) });
  });

  test('a page over HTTP/2 is known by its answer', async () => {
    const server = createHttp2Server((_request, response) => response.end('<html>hello</html>'));
    const checked = await check(plain(await listening(server)));
    expect(of(checked, 'product')).toMatchObject({ result: 'failed', remedy: expect.stringContaining('EventStoreDB') });
  });

  test('TLS to plain and plain to TLS are named', async () => {
    const without = await started();
    expect(of(await check(secure(without.port)), 'reach')?.text).toMatch(/speaks without TLS/);
    const withTls = await started({ tls: authority.issue(['127.0.0.1']) });
    expect(of(await check(plain(withTls.port)), 'reach')?.text).toMatch(/speaks TLS, but the address says tls=false/);
  });

  test('a closed port, a name that is none, and an address that is none', async () => {
    const port = await listening(createServer());
    await stops.pop()?.();
    expect(of(await check(plain(port)), 'reach')?.text).toMatch(/no program accepts connections/);
    expect(of(await check('esdb://no-such-host.invalid?tls=false'), 'reach')?.text).toMatch(/name .* is not known/);
    const none = await check('kurrentdb://bot:hunter2@h');
    expect(of(none, 'address')).toMatchObject({ result: 'failed', text: expect.stringContaining('KurrentDB') });
    expect(JSON.stringify(none)).not.toContain('hunter2');
  });

  test('a server that accepts and never answers is reported with the time that was waited', async () => {
    const silent = createServer((socket) => stops.push(() => socket.destroy()));
    const port = await listening(silent);
    stops.reverse();
    for (const url of [plain(port), secure(port)]) {
      const checked = await check(url, SHORT_MS);
      expect(of(checked, 'reach')).toMatchObject({
        result: 'failed',
        text: expect.stringContaining('no answer: within 0.7 s'),
      });
    }
    stops.reverse();
  });
});

describe('a journal that cannot be opened names the cause that its client does not report', () => {
  const opened = (url: string): Promise<unknown> =>
    openJournal(journalAddressOf(url), { journalDb: '', botIdentity: BOT, clock });

  test('TLS at one end only, and a page of the web', async () => {
    const withTls = await started({ tls: authority.issue(['127.0.0.1']) });
    const page = createHttpServer((_request, response) => response.end('<html>hello</html>'));
    const port = await listening(page);
    const ended = await Promise.all([
      refusalOf(opened(`esdb://bot:hunter2@127.0.0.1:${withTls.port}?tls=false`)),
      refusalOf(opened(`esdb://bot:hunter2@127.0.0.1:${port}?tls=false`)),
    ]);
    expect(ended.map(({ code, callerMust }) => [code, callerMust])).toEqual(
      Array(2).fill(['JOURNAL_UNREACHABLE', 'retry']),
    );
    const [tls, web] = ended.map(({ line }) => line);
    expect(tls).toMatch(/speaks TLS, but the address says tls=false/);
    expect(web).toMatch(/a web server, not an EventStoreDB server/);
    expect(`${tls}${web}`).not.toContain('hunter2');
  });
});

describe('certificates', () => {
  const other = new TestAuthority('Other');
  test.each([
    ['expired', () => authority.issue(['127.0.0.1'], EXPIRED), authority, /has expired: it was valid until/],
    [
      'not valid yet',
      () => authority.issue(['127.0.0.1'], NOT_YET_VALID),
      authority,
      /not valid yet: it is valid from/,
    ],
    ['for another host', () => authority.issue(['db.example']), authority, /another host: it is for db\.example/],
    ['of another authority', () => other.issue(['127.0.0.1'], VALID), authority, /not from the authority in .*ca\.pem/],
    ['of an authority that is not named', () => authority.issue(['127.0.0.1']), undefined, /does not know/],
  ])('a certificate %s', async (_what, issue, trusted, words) => {
    const double = await started({
      tls: { ...issue(), ...(trusted === undefined ? {} : { caFile: caFile(trusted.certificate) }) },
    });
    expect(of(await check(double.url), 'reach')).toMatchObject({
      result: 'failed',
      text: expect.stringMatching(words),
    });
  });
});

describe('rights and states of the server', () => {
  async function withUsers(): Promise<EsdbDouble> {
    const double = await started({ tls: { ...authority.issue(['127.0.0.1']), caFile: caFile(authority.certificate) } });
    double.users.push({ name: 'admin', password: 'changeit', groups: ['$admins'] });
    double.users.push({ name: 'bot', password: 'changeit', groups: [] });
    return double;
  }

  test('wrong password, no user, a user who may not read $all, not write, not set metadata', async () => {
    const double = await withUsers();
    expect(of(await check(as(double.url, 'bot', 'wrong')), 'read')?.text).toMatch(/does not accept the password/);
    expect(of(await check(double.url), 'read')?.text).toMatch(/without a user may not read \$all/);
    expect(of(await check(as(double.url, 'bot')), 'read')?.text).toMatch(/user bot may not read \$all/);
    double.store.setMetadata('$all', { $acl: { $r: 'bot' } });
    expect(of(await check(as(double.url, 'bot')), 'identity')).toMatchObject({ result: 'ok' });
    double.store.setMetadata(`${BOT}.probe`, { $acl: { $w: '$admins' } });
    expect(results(await check(as(double.url, 'bot')))).toMatchObject({
      read: 'ok',
      write: 'failed',
      metadata: 'open',
    });
    double.store.setMetadata(`${BOT}.probe`, { $acl: { $mw: '$admins' } });
    const half = await check(as(double.url, 'bot'));
    expect([half.ok, of(half, 'metadata')?.result]).toEqual([true, 'warning']);
  });

  test('a probe that is refused twice, as servers answer a batch, is one finding, and the process lives', async () => {
    const double = await started();
    double.failNext('append', 'denied twice');
    expect(of(await check(double.url), 'write')?.text).toMatch(/without a user may not write/);
    expect((await check(double.url)).ok).toBe(true);
  });

  test('a full disk, an unknown version, one that is too old', async () => {
    const double = await started();
    double.diskFull = true;
    expect(of(await check(double.url), 'write')?.text).toMatch(/disk of the server .* is full/);
    const nameless = await started({ batchAppend: false });
    expect(of(await check(nameless.url), 'product')?.result).toBe('warning');
    double.version = '20.6.1.0';
    expect(of(await check(double.url), 'product')).toMatchObject({
      result: 'failed',
      text: expect.stringContaining('20.6.1'),
    });
  });

  test('a server that freezes answers nothing: the check ends all the same, and says how long it waited', async () => {
    const double = await started();
    double.freeze();
    const checked = await check(double.url, SHORT_MS);
    double.thaw();
    expect(of(checked, 'reach')?.text ?? '').toMatch(/./);
    expect(checked.ok).toBe(false);
    expect(JSON.stringify(checked.findings)).toContain('within 0.7 s');
  });

  test('a cluster with a node away works and is warned of; one without a leader does not', async () => {
    const cluster = { ports: [] as number[], leader: 0 as number | null };
    const first = await started({ cluster });
    const second = await started({ cluster, store: first.store });
    cluster.leader = first.port;
    const url = `esdb://127.0.0.1:${first.port},127.0.0.1:${second.port}?tls=false&maxDiscoverAttempts=2&gossipTimeout=2`;
    expect((await check(url)).ok).toBe(true);
    second.stop();
    const away = await check(url);
    expect([away.ok, of(away, 'reach')?.result]).toEqual([true, 'warning']);
    cluster.leader = null;
    const leaderless = await check(url);
    expect([leaderless.ok, of(leaderless, 'cluster')?.text ?? '']).toEqual([false, expect.stringMatching(/no leader/)]);
  });
});
