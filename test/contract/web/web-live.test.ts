import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { get, type ClientRequest } from 'node:http';
import { STREAMS } from '../../../src/events/streams.js';
import { sha256Hex } from '../../../src/kernel/hash.js';
import { provisionTestHome } from '../../support/provision.js';
import { firstAdmin, moveTo, pause, startTestWeb, userOf, type TestWeb, type WebClient } from '../../support/web.js';
import { removeTemporaryHomes, temporaryHome } from '../../unit/support/home.js';
import { eventually } from '../../support/eventually.js';

let web: TestWeb;
let admin: WebClient;
const open: ClientRequest[] = [];

beforeEach(async () => {
  const home = temporaryHome();
  await provisionTestHome(home);
  web = await startTestWeb({ home });
  admin = await firstAdmin(web);
});

afterEach(async () => {
  for (const request of open.splice(0)) request.destroy();
  await web.stop();
  removeTemporaryHomes();
});

interface Stream {
  readonly status: number;
  text: string;
  ended: boolean;
}

function listen(client: WebClient, lastEventId?: string): Promise<Stream> {
  return new Promise((resolve, reject) => {
    const headers = {
      Cookie: client.cookie ?? '',
      'X-CSRF-Token': client.csrf ?? '',
      ...(lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId }),
    };
    const request = get(`${client.server.address}/api/events/live`, { headers }, (response) => {
      const stream: Stream = { status: response.statusCode ?? 0, text: '', ended: false };
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (stream.text += chunk));
      response.on('close', () => (stream.ended = true));
      response.on('error', () => (stream.ended = true));
      resolve(stream);
    });
    request.on('error', reject);
    open.push(request);
  });
}

const until = (holds: () => boolean): Promise<void> => eventually('the expected events of the stream', holds);

interface Reported {
  readonly id: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

function reported(stream: Stream): readonly Reported[] {
  return [...stream.text.matchAll(/id: (.+)\nevent: (.+)\ndata: (.+)\n\n/g)].map(
    ([, id = '', type = '', data = '']) => ({
      ...{ id, type },
      data: (JSON.parse(data) as { data: Readonly<Record<string, unknown>> }).data,
    }),
  );
}

async function changeConfig(): Promise<void> {
  const changes = [{ key: 'API_TIMEOUT', from: 'canary-old', to: 'canary-new', secret: false }];
  const data = { changes, settingsSha256: sha256Hex('settings'), reason: 'test' };
  await web.context
    .open()
    .appender.append(STREAMS.config, [{ type: 'ConfigChanged', data, correlationId: 'config', causationId: null }]);
}

describe('live events (WEB-1)', () => {
  test('they report events as they happen, and only the names of changed settings', async () => {
    const stream = await listen(admin);
    expect(stream.status).toBe(200);
    await moveTo(web, 'idle', 'analyzing');
    await changeConfig();
    await until(() => reported(stream).length === 3);
    expect(reported(stream).map(({ type, data }) => [type, data['to'] ?? data['keys']])).toEqual([
      ['BotStateChanged', 'idle'],
      ['BotStateChanged', 'analyzing'],
      ['ConfigChanged', ['API_TIMEOUT']],
    ]);
    expect(stream.text).not.toContain('canary');
  });

  test('who may read an event in the journal gets what its row shows; nobody else learns who did it', async () => {
    const viewer = await userOf(web, admin, 'viewer');
    const [whole, part] = [await listen(admin), await listen(viewer)];
    await moveTo(web, 'idle');
    await changeConfig();
    await until(() => [whole, part].every((stream) => reported(stream).length === 2));
    const rows = ({ text }: Stream): readonly unknown[] =>
      [...text.matchAll(/^data: (.+)$/gm)].map(([, json = '']) => {
        const { type, stream, actor } = JSON.parse(json) as Readonly<Record<string, unknown>>;
        return [type, stream, actor];
      });
    const state = ['BotStateChanged', STREAMS.lifecycle, expect.any(String)];
    expect(rows(whole)).toEqual([state, ['ConfigChanged', STREAMS.config, expect.any(String)]]);
    expect(rows(part)).toEqual([state, ['ConfigChanged', undefined, undefined]]);
  });

  test('a client that reconnects resumes without duplicates', async () => {
    const first = await listen(admin);
    await moveTo(web, 'idle');
    await until(() => reported(first).length === 1);
    open.pop()?.destroy();
    await moveTo(web, 'analyzing', 'trading');
    const second = await listen(admin, reported(first)[0]?.id);
    await moveTo(web, 'monitoring');
    await until(() => reported(second).length === 3);
    await pause(50);
    expect(reported(second).map(({ data }) => data['to'])).toEqual(['analyzing', 'trading', 'monitoring']);
  });

  test.each(['nonsense', '1; DROP', '9'.repeat(100)])('an invalid last id (%s) starts from the present', async (id) => {
    const stream = await listen(admin, id);
    await until(() => stream.text.includes('event: reset'));
    await moveTo(web, 'idle');
    await until(() => reported(stream).length === 1);
  });

  test('a client without a login receives nothing; a viewer receives events', async () => {
    expect((await listen(web.client())).status).toBe(401);
    const viewer = await userOf(web, admin, 'viewer');
    expect((await listen(viewer)).status).toBe(200);
  });

  test('HEAD gets the headers of the stream and takes no place', async () => {
    for (let n = 0; n < 9; n += 1) {
      const answered = await admin.call('HEAD', '/api/events/live');
      expect([answered.status, answered.headers['content-type']]).toEqual([200, 'text/event-stream; charset=utf-8']);
    }
  });

  test('the stream ends with its session', async () => {
    const viewer = await userOf(web, admin, 'viewer');
    const stream = await listen(viewer);
    expect(stream.status).toBe(200);
    await viewer.post('/api/auth/logout');
    await moveTo(web, 'idle');
    await until(() => stream.ended);
    expect(reported(stream)).toEqual([]);
  });

  test('a user has eight streams; further ones get 503 until one leaves, and other users are not hindered', async () => {
    const viewer = await userOf(web, admin, 'viewer');
    const streams = await Promise.all(Array.from({ length: 8 }, () => listen(viewer)));
    expect(new Set(streams.map(({ status }) => status))).toEqual(new Set([200]));
    expect((await listen(viewer)).status).toBe(503);
    expect((await listen(admin)).status).toBe(200);
    open.shift()?.destroy();
    await until(() => web.context.live.clients === 8);
    expect((await listen(viewer)).status).toBe(200);
  });
});
