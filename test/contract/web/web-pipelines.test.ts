import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connect } from 'node:net';
import { startTestWeb, type TestWeb } from '../../support/web.js';
import { removeTemporaryHomes, temporaryHome } from '../../unit/support/home.js';

let web: TestWeb;

beforeAll(async () => {
  web = await startTestWeb({ home: temporaryHome() });
});

afterAll(async () => {
  await web.stop();
  removeTemporaryHomes();
});

function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(web.server.port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
}

describe('requests ahead of their responses', () => {
  test('of a thousand requests in one packet a few are worked on, and others are answered', async () => {
    const before = web.server.requests();
    const one = `GET /api/docs/openapi.json HTTP/1.1\r\nHost: 127.0.0.1:${web.server.port}\r\n\r\n`;
    const socket = connect(web.server.port, '127.0.0.1', () => socket.write(one.repeat(1_000)));
    socket.pause();
    socket.on('error', () => undefined);
    await new Promise((resolve) => {
      socket.on('close', resolve);
      socket.once('connect', () => setTimeout(() => socket.resume(), 200));
    });
    expect((await web.client().get('/api/health')).status).toBe(200);
    expect(web.server.requests() - before).toBeLessThan(10);
  });

  test('a few requests ahead of their responses are answered in order', async () => {
    const host = `HTTP/1.1\r\nHost: 127.0.0.1:${web.server.port}\r\n`;
    const answer = await raw(`GET /api/health ${host}\r\nGET /api/nothing ${host}Connection: close\r\n\r\n`);
    expect(answer.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 404']);
  });

  test('what anybody may read never changes, and is sent once', async () => {
    for (const path of ['/api/docs', '/api/docs/openapi.json', '/api/docs/files/swagger-ui-bundle.js', '/app/']) {
      const { status, headers } = await web.client().get(path);
      const again = await web.client().get(path, { headers: { 'If-None-Match': String(headers.etag) } });
      expect([status, again.status, again.text]).toEqual([200, 304, '']);
    }
  });
});
