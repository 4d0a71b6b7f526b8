import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { WebSocketServer, type WebSocket } from 'ws';
import { WireLine, type LineOptions, type LinePauses } from '../../../src/adapters/broker-common/line.js';
import { eventually } from '../../support/eventually.js';
import { MemoryRawFrames } from '../../support/memory-raw-frames.js';

const FAST: LinePauses = { stepMs: 5, mostMs: 20, handshakeMs: 200, silentMs: 60 };

describe('a line that is kept open', () => {
  let server: WebSocketServer;
  let greet: (socket: WebSocket) => void;
  let heard: string[];
  let states: string[];
  let opened: WebSocket[];
  let line: WireLine | undefined;
  const urlOf = (): string => `ws://127.0.0.1:${(server.address() as AddressInfo).port}/stream`;

  beforeEach(async () => {
    [heard, states, opened] = [[], [], []];
    greet = (socket) => socket.on('message', () => socket.send('welcome'));
    server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    server.on('connection', (socket) => {
      opened.push(socket);
      greet(socket);
    });
    await new Promise((resolve) => server.once('listening', resolve));
  });
  afterEach(() => {
    line?.close('the test ends');
    server.close();
    for (const socket of server.clients) socket.terminate();
  });

  function open(more: Partial<LineOptions> = {}): WireLine {
    line = new WireLine({
      source: 'TEST',
      channel: 'news',
      url: urlOf,
      raw: new MemoryRawFrames(),
      handshake: (talk) => {
        talk.send('hello');
        return ({ text }) => (text === 'welcome' ? talk.done() : talk.failed(`refused: ${text}`));
      },
      onFrame: ({ text }) => heard.push(text),
      onOpen: () => Promise.resolve(),
      onState: (state, reason) => states.push(`${state}: ${reason}`),
      pauses: FAST,
      ...more,
    });
    line.open();
    return line;
  }

  const isUp = (): Promise<void> => eventually('the line is up', () => line?.isConnected === true, { everyMs: 2 });

  test('it logs in, hears text and binary frames, and keeps each as evidence', async () => {
    const raw = new MemoryRawFrames();
    open({ raw });
    await isUp();
    opened[0]?.send('{"a":1}');
    opened[0]?.send(Buffer.from('{"b":2}'));
    await eventually('both frames', () => heard.length === 2, { everyMs: 2 });
    expect(heard).toEqual(['{"a":1}', '{"b":2}']);
    expect([...raw.frames.values()].map(({ channel, text }) => `${channel} ${text}`)).toEqual([
      'news welcome',
      'news {"a":1}',
      'news {"b":2}',
    ]);
  });

  test('it is connected only when what was missed has been read; frames meanwhile are heard', async () => {
    let read: (() => void) | undefined;
    open({ onOpen: () => new Promise((resolve) => (read = resolve)) });
    await eventually('the reading begins', () => read !== undefined, { everyMs: 2 });
    opened[0]?.send('early');
    await eventually('a frame before the end of the reading', () => heard.includes('early'), { everyMs: 2 });
    expect([line?.isConnected, states]).toEqual([false, []]);
    read?.();
    await isUp();
  });

  test('it reconnects without end, and reads again each time', async () => {
    let reads = 0;
    open({ onOpen: () => Promise.resolve(void (reads += 1)) });
    for (let n = 1; n <= 12; n += 1) {
      await isUp();
      expect(reads).toBe(n);
      opened.at(-1)?.terminate();
      await eventually('the end is noticed', () => line?.isConnected === false, { everyMs: 1 });
    }
  });

  test('a reading that fails ends the connection, and it is tried again', async () => {
    let reads = 0;
    open({ onOpen: () => ((reads += 1) < 3 ? Promise.reject(new Error('busy')) : Promise.resolve()) });
    await isUp();
    expect(states).toEqual(['disconnected: what was missed could not be read: busy', 'connected: news is connected']);
  });

  test('a connection that says nothing and answers no ping is ended; a silent one that lives stays', async () => {
    open();
    await isUp();
    await new Promise((resolve) => setTimeout(resolve, 5 * FAST.silentMs));
    expect([line?.isConnected, opened.length]).toEqual([true, 1]);
    // the other side is frozen: it reads nothing any more
    (opened[0] as unknown as { _socket: { pause(): void } })._socket.pause();
    await eventually('it is given up', () => states.some((state) => state.includes('no sign of life')));
  });

  test('a log-in without an answer, a refusal and an address that fails are named; it tries on', async () => {
    const refusals = [
      (): void => undefined,
      (socket: WebSocket): void => void socket.on('message', () => socket.send('go away')),
    ];
    const later = greet;
    greet = (socket) => (refusals.shift() ?? later)(socket);
    let asked = 0;
    open({ url: () => ((asked += 1) === 1 ? Promise.reject(new Error('no session')) : urlOf()) });
    await isUp();
    expect(states).toEqual([
      'disconnected: news: no session',
      'disconnected: news: no log-in within 0.2 s',
      'disconnected: news: refused: go away',
      'connected: news is connected',
    ]);
  });

  test('a broker that still counts the earlier connection is waited for, and says so', async () => {
    let refused = 0;
    server.options.verifyClient = (_info: unknown, answer: (ok: boolean, code?: number) => void): void => {
      refused += 1;
      answer(refused > 3, 429);
    };
    open();
    await isUp();
    expect(states[0]).toBe('disconnected: news: HTTP 429: the broker still counts an earlier connection');
    expect(states).toHaveLength(2);
  });

  test('after its close nothing is tried any more', async () => {
    const closed = open();
    await isUp();
    closed.close('on request');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect([opened.length, states.at(-1), closed.send('x')]).toEqual([1, 'disconnected: on request', false]);
  });
});
