import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FrameReader, frameOf } from '../../src/adapters/local-socket/frames.js';
import { askLocal } from '../../src/adapters/local-socket/local-client.js';
import { LocalServer, type LocalServerOptions } from '../../src/adapters/local-socket/local-server.js';
import { LARGEST_REQUEST_BYTES } from '../../src/adapters/local-socket/protocol.js';
import { basePaths } from '../../src/domain/home/home-paths.js';
import { SeededRandom } from '../../src/kernel/random.js';
import { eventually } from '../support/eventually.js';
import { refusalOf } from '../support/refusal.js';

const WITHIN_MS = 60_000;

let folder: string;
let paths: { readonly dir: string; readonly file: string };
let servers: LocalServer[];
let sockets: Socket[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'local-'));
  paths = basePaths(folder).localSocket;
  [servers, sockets] = [[], []];
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers) await server.close(0);
  rmSync(folder, { recursive: true, force: true });
});

interface Served {
  readonly server: LocalServer;
  readonly asked: unknown[];
  readonly faults: unknown[];
}

/** A server that answers each request with itself, or as `options` say. */
async function serve(options: Partial<LocalServerOptions> = {}): Promise<Served> {
  const [asked, faults]: [unknown[], unknown[]] = [[], []];
  const { answer = (request) => Promise.resolve({ echo: request }), ...rest } = options;
  const server = new LocalServer({
    ...{ paths, pid: 7 },
    answer: (request) => {
      asked.push(request);
      return answer(request);
    },
    onFault: (error) => faults.push(error),
    ...rest,
  });
  servers.push(server);
  await server.look();
  return { server, asked, faults };
}

const ask = (request: unknown, more: { readonly silentMs?: number; readonly withinMs?: number } = {}) =>
  askLocal({ paths, request, withinMs: WITHIN_MS, ...more });

/** A client that says what it wants; resolves when the server has ended the connection. */
async function raw(...chunks: readonly Buffer[]): Promise<readonly unknown[]> {
  const socket = connect(paths.file);
  sockets.push(socket);
  const reader = new FrameReader(1_000_000);
  const frames: unknown[] = [];
  socket.on('data', (chunk) => frames.push(...reader.push(chunk)));
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.on('close', resolve));
  for (const chunk of chunks) socket.write(chunk);
  await closed;
  return frames;
}

describe('a request', () => {
  test('gets its answer, whatever JSON both are', async () => {
    await serve();
    for (const request of [{ a: 'ü\u0000"' }, [], null, 'x'.repeat(200_000), 1.5]) {
      expect(await ask(request)).toEqual({ answer: { echo: request } });
    }
  });

  test('is answered though it takes longer than the silence that a client bears', async () => {
    let release: () => void = () => undefined;
    const { asked } = await serve({ answer: () => new Promise((resolve) => (release = () => resolve('late'))) });
    const answer = ask('slow', { silentMs: 2_500 });
    await eventually('the request', () => asked.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    release();
    expect(await answer).toEqual({ answer: 'late' });
  });

  test('of a folder without a socket is no request', async () => {
    expect(await ask('x')).toBeUndefined();
    mkdirSync(paths.dir, { recursive: true, mode: 0o700 });
    expect(await ask('x')).toBeUndefined();
    writeFileSync(paths.file, '');
    expect(await ask('x')).toBeUndefined();
  });

  test('that is too large is refused before it is sent', async () => {
    const { asked } = await serve({ answer: () => Promise.resolve(1) });
    expect((await refusalOf(ask('x'.repeat(LARGEST_REQUEST_BYTES)))).code).toBe('REQUEST_TOO_LARGE');
    expect(asked).toEqual([]);
  });
});

describe('a server that stands still', () => {
  /** Listens as main does, and says what it is given. */
  async function mute(...frames: readonly Buffer[]): Promise<Buffer[]> {
    mkdirSync(paths.dir, { recursive: true, mode: 0o700 });
    const heard: Buffer[] = [];
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => heard.push(chunk));
      for (const frame of frames) socket.write(frame);
    });
    server.listen(paths.file);
    await once(server, 'listening');
    servers.push({ close: () => Promise.resolve(void server.close()) } as unknown as LocalServer);
    return heard;
  }

  test('before its hello never gets the request: the client knows that nothing was done', async () => {
    const heard = await mute();
    const { code, remedy } = await refusalOf(ask('secret', { silentMs: 300 }));
    expect([code, remedy]).toEqual(['BOT_SILENT', expect.stringContaining('Nothing was asked of it.')]);
    expect(heard).toEqual([]);
  });

  test('after it took the request leaves the outcome open', async () => {
    await mute(frameOf({ kind: 'hello', pid: 1 }));
    const { code, callerMust } = await refusalOf(ask('x', { silentMs: 300 }));
    expect([code, callerMust]).toEqual(['BOT_OUTCOME_UNKNOWN', 'reconcile']);
  });

  test('and one that only gives signs of life is bounded, too', async () => {
    const heard = await mute(frameOf({ kind: 'hello', pid: 1 }));
    const timer = setInterval(() => sockets[0]?.write(frameOf({ kind: 'alive' })), 20);
    const { code } = await refusalOf(ask('x', { silentMs: 5_000, withinMs: 400 }));
    clearInterval(timer);
    expect(code).toBe('BOT_OUTCOME_UNKNOWN');
    expect(heard).toHaveLength(1);
  });

  test('does not begin a request whose client is gone when it continues', async () => {
    const { asked } = await serve({ answer: () => Promise.resolve(1) });
    const gone = join(folder, 'gone');
    const frame = frameOf({ kind: 'request', request: 'x' }).toString('base64');
    const client = spawn(process.execPath, ['-e', LEAVING_CLIENT, paths.file, frame, gone], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await once(client.stdout, 'data');
    client.stdin.end('leave');
    // this process looks at no socket until the client has gone
    for (const end = Date.now() + WITHIN_MS; !existsSync(gone) && Date.now() < end;) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
    await once(client, 'exit');
    expect(await ask('y')).toEqual({ answer: 1 });
    expect(asked).toEqual(['y']);
  });
});

/** Has its hello, and sends its request and hangs up when its input has a line: a file shows that it has. */
const LEAVING_CLIENT = `
const [path, frame, gone] = process.argv.slice(1);
const socket = require('node:net').connect(path);
socket.once('data', () => process.stdout.write('hello'));
process.stdin.once('data', () => socket.end(Buffer.from(frame, 'base64'), () => {
  socket.destroy();
  socket.on('close', () => require('node:fs').writeFileSync(gone, ''));
}));
`;

describe('what no command of ours says', () => {
  const length = (bytes: number): Buffer => {
    const header = Buffer.alloc(4);
    header.writeUInt32BE(bytes);
    return header;
  };

  test.each<[string, readonly Buffer[]]>([
    ['a frame of 4 GB', [length(0xffffffff)]],
    ['one byte too many', [length(LARGEST_REQUEST_BYTES + 1)]],
    ['no JSON', [length(3), Buffer.from('{a}')]],
    ['no UTF-8', [length(4), Buffer.from([0x22, 0xff, 0xfe, 0x22])]],
    ['another kind', [frameOf({ kind: 'answer', answer: 1 })]],
    ['no object', [frameOf(null)]],
    ['an HTTP request', [Buffer.from('GET / HTTP/1.1\r\nhost: x\r\n\r\n')]],
    ['two requests', [frameOf({ kind: 'request', request: 1 }), frameOf({ kind: 'request', request: 2 })]],
  ])('%s ends the connection without an answer', async (_, chunks) => {
    await serve({ answer: () => new Promise(() => undefined) });
    expect(await raw(...chunks)).toEqual([{ kind: 'hello', pid: 7 }]);
  });

  test('random bytes end each connection, and the next command is served', async () => {
    await serve({ timing: { clientMs: 200 } });
    const random = SeededRandom.of('local-socket');
    for (let n = 0; n < 60; n += 1) {
      const bytes = Buffer.from(Array.from({ length: random.integer(1, 300) }, () => random.integer(0, 256)));
      if (n % 2 === 0) bytes.writeUInt8(0, 0);
      const frames = await raw(bytes);
      expect(frames.filter((frame) => (frame as { kind: string }).kind === 'answer')).toEqual([]);
    }
    expect(await ask('next')).toEqual({ answer: { echo: 'next' } });
  });

  test('a request that comes byte by byte is a request; half of one ends with its time', async () => {
    await serve({ timing: { clientMs: 2_000 } });
    const whole = [...frameOf({ kind: 'request', request: 'x' })].map((byte) => Buffer.from([byte]));
    expect(await raw(...whole)).toContainEqual({ kind: 'answer', answer: { echo: 'x' } });
    expect(await raw(...whole.slice(0, -1))).toEqual([{ kind: 'hello', pid: 7 }]);
  });

  test('a hundred idle connections are ended, and a command waits for them no longer than their time', async () => {
    await serve({ timing: { clientMs: 500 } });
    const idle = Array.from({ length: 100 }, () => raw());
    await Promise.all(idle);
    expect(await ask('x')).toEqual({ answer: { echo: 'x' } });
  });

  test('an answer that is thrown ends the connection and is reported', async () => {
    const { faults } = await serve({ answer: () => Promise.reject(new Error('broken')) });
    expect((await refusalOf(ask('x'))).code).toBe('BOT_OUTCOME_UNKNOWN');
    expect(faults).toEqual([new Error('broken')]);
  });
});

describe('the place of the socket', () => {
  test('only its user reaches it, whatever the modes were', async () => {
    mkdirSync(paths.dir, { recursive: true });
    chmodSync(paths.dir, 0o777);
    await serve();
    expect([lstatSync(paths.dir).mode & 0o777, lstatSync(paths.file).mode & 0o777]).toEqual([0o700, 0o600]);
  });

  test('what a killed main left is replaced, be it a socket, a file or a link', async () => {
    mkdirSync(paths.dir, { recursive: true, mode: 0o700 });
    const stale = createServer().listen(paths.file);
    await once(stale, 'listening');
    const kept = `${folder}/kept`;
    writeFileSync(kept, 'kept');
    const others = [(): void => writeFileSync(paths.file, 'x'), (): void => symlinkSync(kept, paths.file)];
    for (const leave of [(): void => undefined, ...others]) {
      leave();
      const { server } = await serve();
      expect(server.fault).toBeUndefined();
      expect(await ask('x')).toEqual({ answer: { echo: 'x' } });
      await server.close(0);
    }
    expect(existsSync(kept)).toBe(true);
    stale.close();
  });

  test('a home with a long path is reached through a handle of its folder', async () => {
    paths = basePaths(join(folder, 'long'.repeat(40))).localSocket;
    expect(Buffer.byteLength(paths.file)).toBeGreaterThan(107);
    const { server } = await serve();
    expect(server.fault).toBeUndefined();
    expect(lstatSync(paths.file).isSocket()).toBe(true);
    expect(await ask('x')).toEqual({ answer: { echo: 'x' } });
    await server.close(0);
    expect(existsSync(paths.file)).toBe(false);
  });

  test('a socket that is removed is made again', async () => {
    const { server } = await serve({ timing: { againMs: 0 } });
    rmSync(paths.dir, { recursive: true });
    expect(await ask('x')).toBeUndefined();
    await server.look();
    expect(await ask('x')).toEqual({ answer: { echo: 'x' } });
  });

  test.each<[string, () => void]>([
    ['a file where the folder belongs', () => writeFileSync(paths.dir, '')],
    ['a folder where the socket belongs', () => mkdirSync(paths.file, { recursive: true })],
    [
      'a link where the folder belongs',
      () => {
        mkdirSync(`${folder}/elsewhere`);
        symlinkSync(`${folder}/elsewhere`, paths.dir);
      },
    ],
  ])('%s is a fault with its remedy, until it is gone', async (_, put) => {
    mkdirSync(join(folder, 'storage'));
    put();
    const { server } = await serve({ timing: { againMs: 0 } });
    expect(server.fault?.line).toMatch(/LOCAL_SOCKET_UNUSABLE|LOCAL_FOLDER_UNSAFE/);
    expect(server.fault?.message).toContain(paths.dir);
    rmSync(paths.dir, { recursive: true });
    await server.look();
    expect(server.fault).toBeUndefined();
    expect(await ask('x')).toEqual({ answer: { echo: 'x' } });
  });

  test('a client refuses a folder that others may enter', async () => {
    await serve();
    chmodSync(paths.dir, 0o755);
    expect((await refusalOf(ask('password'))).code).toBe('LOCAL_FOLDER_UNSAFE');
  });

  test('a server that closes answers what it works on and takes nothing more', async () => {
    let release: () => void = () => undefined;
    const { server, asked } = await serve({
      answer: () => new Promise((resolve) => (release = () => resolve('done'))),
    });
    const answer = ask('x');
    await eventually('the request', () => asked.length === 1);
    const closed = server.close(WITHIN_MS);
    expect(await ask('y')).toBeUndefined();
    release();
    expect(await answer).toEqual({ answer: 'done' });
    await closed;
    expect(existsSync(paths.file)).toBe(false);
  });

  test('a server that closes waits for no answer beyond its time', async () => {
    const { server, asked } = await serve({ answer: () => new Promise(() => undefined) });
    const answer = refusalOf(ask('x'));
    await eventually('the request', () => asked.length === 1);
    await server.close(50);
    expect((await answer).code).toBe('BOT_OUTCOME_UNKNOWN');
  });
});
