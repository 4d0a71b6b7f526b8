import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { BrokerHttp, type BrokerRequest } from '../../../src/adapters/broker-common/http-client.js';
import { RateBudget } from '../../../src/adapters/broker-common/rate-budget.js';
import { brokerError, TradeBotError } from '../../../src/kernel/errors.js';
import { sha256Hex } from '../../../src/kernel/hash.js';
import { epochMs } from '../../../src/kernel/time.js';
import { MemoryRawFrames } from '../../support/memory-raw-frames.js';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const json = (status: number, body: unknown, headers: Record<string, string> = {}): Handler => {
  return (_request, response) => response.writeHead(status, headers).end(JSON.stringify(body));
};
const text = (status: number, body: string, headers: Record<string, string> = {}): Handler => {
  return (_request, response) => response.writeHead(status, headers).end(body);
};
const cutOff: Handler = (_request, response) => {
  response.writeHead(200, { 'content-length': '100' });
  response.write('[{"id":1}', () => response.destroy());
};
const reset: Handler = (request) => request.socket.destroy();
const silence: Handler = () => undefined;

let server: Server;
let url = '';
let handler: Handler;
let received: string[] = [];
const sockets = new Set<Socket>();
const clock = { now: () => epochMs(Date.UTC(2026, 10, 20, 14)) };

beforeAll(async () => {
  server = createServer((request, response) => {
    received.push(`${request.method ?? ''} ${request.url ?? ''}`);
    handler(request, response);
  });
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});
beforeEach(() => {
  received = [];
});

const READ: BrokerRequest = { method: 'GET', path: '/orders?status=open', what: 'the open orders', effect: 'read' };
const ORDER: BrokerRequest = { method: 'POST', path: '/orders', body: '{}', what: 'order k-1', effect: 'order' };

function client(more: Partial<ConstructorParameters<typeof BrokerHttp>[0]> = {}): BrokerHttp {
  const headers = (): Record<string, string> => ({ 'x-key': 'TOP-SECRET' });
  return new BrokerHttp({
    source: 'TEST',
    baseUrl: url,
    headers,
    clock,
    raw: new MemoryRawFrames(),
    timeoutMs: 300,
    ...more,
  });
}

async function verdict(http: BrokerHttp, request: BrokerRequest): Promise<string> {
  try {
    return `status ${(await http.send(request)).status}`;
  } catch (error) {
    if (!(error instanceof TradeBotError)) throw error;
    expect(`${error.line} ${JSON.stringify(error.details)}`).not.toMatch(/TOP-SECRET|127\.0\.0\.1/);
    return `${error.callerMust} ${error.code}`;
  } finally {
    http.close();
  }
}

describe('the verdict on an answer (TRD-65)', () => {
  test.each<[string, Handler, string, string]>([
    ['JSON at 200', json(200, []), 'status 200', 'status 200'],
    ['an empty body at 204', text(204, ''), 'status 204', 'status 204'],
    ['a JSON fault of the request', json(422, { code: 1 }), 'status 422', 'status 422'],
    ['HTML at 200', text(200, '<html>maintenance</html>'), 'retry ANSWER_NOT_JSON', 'reconcile ANSWER_NOT_JSON'],
    ['HTML at 404', text(404, '<html>no</html>'), 'retry ANSWER_NOT_JSON', 'reconcile ANSWER_NOT_JSON'],
    ['a JSON document that is cut off', cutOff, 'retry NO_ANSWER', 'reconcile NO_ANSWER'],
    ['a reset connection', reset, 'retry NO_ANSWER', 'reconcile NO_ANSWER'],
    ['no answer in time', silence, 'retry NO_ANSWER', 'reconcile NO_ANSWER'],
    ['a redirect', text(302, '', { location: '/elsewhere' }), 'retry REDIRECTED', 'reconcile REDIRECTED'],
    ['503', json(503, {}), 'retry BROKER_UNAVAILABLE', 'reconcile BROKER_UNAVAILABLE'],
    ['an answer above the size', text(200, `"${'x'.repeat(5_000)}"`), 'retry NO_ANSWER', 'reconcile NO_ANSWER'],
    ['401', json(401, {}), 'refuse KEY_REFUSED', 'refuse KEY_REFUSED'],
    ['429', json(429, {}), 'retry RATE_LIMITED', 'retry RATE_LIMITED'],
  ])('%s', async (_name, answer, read, order) => {
    handler = answer;
    expect(await verdict(client({ mostBytes: 4_000 }), READ)).toBe(read);
    expect(await verdict(client({ mostBytes: 4_000 }), ORDER)).toBe(order);
    // X1: an order call leaves once, whatever became of it
    expect(received).toEqual(['GET /orders?status=open', 'POST /orders']);
  });

  test('what never left is sent later; it needs no reconciliation', async () => {
    expect(await verdict(client({ baseUrl: 'http://127.0.0.1:1' }), ORDER)).toBe('retry NOT_SENT');
  });

  test('a key that no header can hold makes no request, and says so without the key', async () => {
    const headers = (): Record<string, string> => ({ 'x-key': 'TOP-SECRET\n' });
    expect(await verdict(client({ headers }), ORDER)).toBe('retry NOT_SENT');
    expect(received).toEqual([]);
  });

  test('an order on a kept connection that the broker has closed meanwhile is not sent a second time', async () => {
    const http = client();
    handler = json(200, {});
    await http.send(READ);
    handler = reset;
    await expect(http.send({ ...ORDER, tries: 5 })).rejects.toMatchObject({ callerMust: 'reconcile' });
    expect(received.filter((line) => line.startsWith('POST'))).toHaveLength(1);
    expect(sockets.size).toBeGreaterThan(0);
    http.close();
  });

  test('a read is asked again as often as the caller says', async () => {
    let count = 0;
    handler = (request, response) => ((count += 1) < 3 ? reset : json(200, [1]))(request, response);
    expect(await verdict(client(), { ...READ, tries: 3 })).toBe('status 200');
    expect(count).toBe(3);
  });

  test('the rules of the broker come before the table', async () => {
    handler = json(500, { fault: { faultstring: 'Access Token expired' } });
    const facts = { code: 'TOKEN_EXPIRED', message: 'the token expired', remedy: 'Enter a new one.' };
    expect(await verdict(client({ verdict: () => brokerError('refuse', facts) }), READ)).toBe('refuse TOKEN_EXPIRED');
  });

  test('each answer is kept as it came, under a channel without its query', async () => {
    const raw = new MemoryRawFrames();
    const sent = '{"price":1.10}';
    handler = text(200, sent);
    const answer = await client({ raw }).send(READ);
    expect(answer.rawSha256).toBe(sha256Hex(sent));
    expect([...raw.frames.values()]).toEqual([{ source: 'TEST', channel: 'GET /orders', text: sent }]);
  });

  test('an answer that is a credential leaves only its digest', async () => {
    const raw = new MemoryRawFrames();
    handler = json(200, { stream: { sessionid: 'TOP-SECRET' } });
    const answer = await client({ raw }).send({ ...READ, isSecret: true });
    expect(raw.frames.size).toBe(0);
    expect(answer.rawSha256).toBe(sha256Hex(answer.text));
  });

  test('a spent budget keeps a call here, and a refusal for the rate pauses the next', async () => {
    const budget = new RateBudget({ perMinute: 3, reserved: 1, clock });
    const http = client({ budget });
    handler = json(429, {}, { 'retry-after': '9' });
    await expect(http.send(READ)).rejects.toMatchObject({ code: 'RATE_LIMITED', details: { waitMs: 9_000 } });
    await expect(http.send(READ)).rejects.toMatchObject({ code: 'RATE_BUDGET_SPENT', details: { waitMs: 9_000 } });
    expect(received).toHaveLength(1);
    http.close();
  });
});
