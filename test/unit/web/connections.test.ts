import { afterEach, describe, expect, test } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { Connections, type ConnectionLimits } from '../../../src/processes/web/connections.js';
import { eventually } from '../../support/eventually.js';

const LIMITS: ConnectionLimits = { most: 6, mostOfSource: 4, headMs: 60_000, bodyMs: 60_000 };
let server: Server;
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** Answers what was read of a body; `/never` is not answered. */
async function serve(limits: Partial<ConnectionLimits>, now?: () => number): Promise<number> {
  server = createServer((request, response) => {
    if (request.url === '/never') return;
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => response.end(`read ${text}`));
  });
  new Connections({ ...LIMITS, ...limits }, now).watch(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

interface Opened {
  readonly socket: Socket;
  readonly isOpen: () => boolean;
  readonly received: () => string;
}

async function open(port: number, text: string): Promise<Opened> {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  let received = '';
  let closed = false;
  socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
  socket.on('error', () => undefined);
  socket.on('close', () => (closed = true));
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
  socket.write(text);
  return { socket, isOpen: () => !closed, received: () => received };
}

const HALF = 'GET / HTTP/1.1\r\nHost: a\r\n';
const WHOLE = `${HALF}\r\n`;
const SLOW_BODY = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc';
const WAITING = 'GET /never HTTP/1.1\r\nHost: a\r\n\r\n';

describe('connections of a server', () => {
  test.each([
    ['half a head', HALF],
    ['half a body', SLOW_BODY],
  ])('the oldest with %s makes room for who sends a request', async (_what, text) => {
    const port = await serve({});
    const held: Opened[] = [];
    for (let n = 0; n < 4; n += 1) held.push(await open(port, text));
    const newcomer = await open(port, WHOLE);
    await eventually('the newcomer is answered', () => newcomer.received().includes('200 OK'));
    await eventually('the oldest is closed', () => held[0]?.isOpen() === false);
    expect(held.slice(1).every((one) => one.isOpen())).toBe(true);
  });

  test('requests that are being answered are never closed for a newcomer', async () => {
    const port = await serve({});
    const held: Opened[] = [];
    let asked = 0;
    server.on('request', () => (asked += 1));
    for (let n = 0; n < 4; n += 1) held.push(await open(port, WAITING));
    await eventually('all are asked', () => asked === 4);
    const newcomer = await open(port, WHOLE);
    await eventually('the newcomer is closed', () => !newcomer.isOpen());
    expect(held.every((one) => one.isOpen())).toBe(true);
    expect(asked).toBe(4);
  });

  test.each([
    ['head', HALF, { headMs: 300 }],
    ['body', SLOW_BODY, { bodyMs: 300 }],
  ])('a slow %s is cut off', async (_what, text, limits) => {
    const port = await serve(limits);
    const slow = await open(port, text);
    await eventually('it is closed', () => !slow.isOpen());
    const next = await open(port, WHOLE);
    await eventually('another is answered', () => next.received().includes('200 OK'));
  });

  test('who reads no response for two minutes makes room too', async () => {
    let now = 0;
    const port = await serve({}, () => now);
    const held: Opened[] = [];
    let asked = 0;
    server.on('request', () => (asked += 1));
    for (let n = 0; n < 4; n += 1) held.push(await open(port, WAITING));
    await eventually('all are asked', () => asked === 4);
    now = 121_000;
    const newcomer = await open(port, WHOLE);
    await eventually('the newcomer is answered', () => newcomer.received().includes('200 OK'));
    await eventually('one of them is closed', () => held.filter((one) => !one.isOpen()).length === 1);
  });
});
