import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SqliteJournal } from '../../../src/adapters/journal-sqlite/sqlite-journal.js';
import { SystemClock } from '../../../src/adapters/clock/system-clock.js';
import { FileProjectionTargets } from '../../../src/adapters/projection-targets/file-targets.js';
import { STATUS_SOURCES } from '../../../src/app/explain/figure-sources.js';
import { Projector } from '../../../src/app/projector/projector.js';
import { homeProjections } from '../../../src/composition/home-projections.js';
import { statementSource } from '../../../src/composition/statement-source.js';
import { bookCodesOf } from '../../../src/domain/accounting/book-codes.js';
import { MaskedFrames } from '../../../src/adapters/raw-frames/masked-frames.js';
import { RawFrameFiles } from '../../../src/adapters/raw-frames/raw-frame-files.js';
import type { Request } from 'express';
import type { EventData } from '../../../src/events/event.js';
import { STREAMS } from '../../../src/events/streams.js';
import { sha256Hex, type Sha256Hex } from '../../../src/kernel/hash.js';
import { secret } from '../../../src/kernel/secret.js';
import type { Principal } from '../../../src/app/access/principal.js';
import { ExplainController } from '../../../src/processes/web/journal/explain.controller.js';
import { ExplainQueryInput } from '../../../src/processes/web/journal/explain.dto.js';
import type { ExplainAnswer } from '../../../src/processes/web/journal/explain.dto.js';
import type { WebContext } from '../../../src/processes/web/web-context.js';
import { provisionTestHome, TEST_PARTS, type ProvisionedHome } from '../../support/provision.js';
import { firstAdmin, startTestWeb, userOf, type TestWeb, type WebClient } from '../../support/web.js';
import { removeTemporaryHomes, temporaryHome } from '../../unit/support/home.js';

let web: TestWeb;
let admin: WebClient;
let viewer: WebClient;
let made: ProvisionedHome;
/** What main says of its last verification. */
let verified: unknown = null;

async function project({ home, paths, identity }: ProvisionedHome): Promise<void> {
  const journal = SqliteJournal.open({ path: paths.storage.journalDb, clock: new SystemClock() });
  const codes = bookCodesOf(TEST_PARTS);
  const statement = statementSource({ paths, identity, identityParts: TEST_PARTS, codes });
  const projections = homeProjections({ paths, identity, identityParts: TEST_PARTS, codes, statement });
  const targets = new FileProjectionTargets({ home, projectionsDb: paths.storage.projectionsDb });
  const projector = new Projector({ journal, projections, targets });
  await projector.catchUp();
  await projector.close();
  await journal.close();
}

beforeAll(async () => {
  made = await provisionTestHome(temporaryHome());
  web = await startTestWeb({ home: made.home, answer: ({ ask }) => (ask === 'verified-journal' ? verified : []) });
  admin = await firstAdmin(web);
  viewer = await userOf(web, admin, 'viewer');
  // the ledger follows what the users added
  await project(made);
});

afterAll(async () => {
  await web.stop();
  removeTemporaryHomes();
});

const about = (subject: string): string => `/api/explain?subject=${encodeURIComponent(subject)}`;

async function newestId(type: string): Promise<string> {
  const { journal } = web.context.open();
  const [event] = await journal.readAll({ direction: 'backwards', limit: 1, filter: { types: [type as never] } });
  return event?.id ?? '';
}

describe('one event (JRN-30, JRN-32)', () => {
  const at = (position: string): string => `/api/journal/event?at=${position}`;

  test('is read by its position with its link in the chain; one that is hidden from the role does not exist', async () => {
    const { journal } = web.context.open();
    const [opened] = await journal.readAll({ limit: 1, filter: { types: ['BotStateChanged'] } });
    const answer = await viewer.get(at(opened?.position ?? ''));
    expect([answer.status, answer.at('event.id'), answer.at('intact')]).toEqual([200, opened?.id, true]);
    expect(answer.at('computedHash')).toBe(opened?.hash);
    const [registered] = await journal.readAll({ limit: 1, filter: { types: ['UserRegistered'] } });
    const position = registered?.position ?? '';
    const [seen, hidden] = [await admin.get(at(position)), await viewer.get(at(position))];
    expect([seen.at('event.type'), hidden.status, hidden.text.includes('UserRegistered')]).toEqual([
      ...['UserRegistered', 404, false],
    ]);
    expect([(await viewer.get(at('999999'))).status, (await viewer.get(at('x'))).at('errors.0.field')]).toEqual([
      ...[422, 'at'],
    ]);
  });

  test('the state of the journal has its end, and how far main has verified it; without main there is none', async () => {
    const state = await viewer.get('/api/journal/state');
    expect([state.status, state.at('verified'), state.at('seal')]).toEqual([200, null, null]);
    expect(Number(state.at('head'))).toBe(state.at('count'));
    verified = { position: '0000000000000003', at: '2026-11-20T14:30:00.000Z' };
    expect((await viewer.get('/api/journal/state')).at('verified')).toEqual(verified);
  });
});

describe('where a figure comes from', () => {
  test('a viewer reads a figure with its formula and its parts', async () => {
    const answer = await viewer.get(about('equity'));
    expect([answer.status, answer.at('figure.value'), answer.at('figure.agrees')]).toEqual([200, '0.00', true]);
    expect(answer.at('figure.formula')).toContain('assets less liabilities');
    expect(answer.at('leftOut')).toBe(0);
    expect((await web.client().get(about('equity'))).status).toBe(401);
  });

  test('an event is explained by its id, unless its kind is hidden from the role', async () => {
    const open = await newestId('BotStateChanged');
    expect((await viewer.get(about(open))).at('events.0.type')).toBe('BotStateChanged');
    const hidden = await newestId('UserRegistered');
    expect((await admin.get(about(hidden))).at('events.0.type')).toBe('UserRegistered');
    const refused = await viewer.get(about(hidden));
    expect([refused.status, refused.at('code')]).toEqual([422, 'NOTHING_TO_EXPLAIN']);
    // the same answer as for one that does not exist
    const none = `${hidden.slice(0, -4)}0000`;
    const unknown = await viewer.get(about(none));
    const plain = (text: string): string => text.replace(/urn:tradebot:request:[0-9a-f]+/, '');
    expect([unknown.status, plain(unknown.text).replaceAll(none, hidden)]).toEqual([422, plain(refused.text)]);
  });

  test('what is hidden from the role is missing also while the ledger is behind, and by its position', async () => {
    const { appender, journal } = web.context.open();
    const cause = { correlationId: 'test', causationId: null };
    const data = { userId: 'U-0123456789abcdef', reason: 'left the company' };
    await appender.append(STREAMS.user(data.userId), [{ type: 'UserDisabled', data, ...cause }]);
    const [event] = await journal.readAll({ direction: 'backwards', limit: 1 });
    const { id = '', position = '' } = event ?? {};
    // who may see the event gets the reason
    for (const subject of [id, position]) expect((await admin.get(about(subject))).at('code')).toBe('LEDGER_BEHIND');
    const plain = (text: string): string => text.replace(/urn:tradebot:request:[0-9a-f]+/, '');
    for (const [hidden, none] of [
      [id, `${id.slice(0, -4)}0000`],
      [position, '0000000000999999'],
      [String(Number(position)), '999999'],
    ] as const) {
      const [refused, missing] = [await viewer.get(about(hidden)), await viewer.get(about(none))];
      const padded = (text: string): string => plain(text).replaceAll(none.padStart(16, '0'), hidden.padStart(16, '0'));
      expect([refused.status, plain(refused.text)]).toEqual([missing.status, padded(missing.text)]);
      expect(refused.at('code')).toBe('NOTHING_TO_EXPLAIN');
    }
    await project(made);
    expect((await admin.get(about(id))).at('events.0.type')).toBe('UserDisabled');
  });

  test('a setting is explained to those who may read settings', async () => {
    const refused = await viewer.get(about('setting:SYMBOLS'));
    expect([refused.status, refused.at('code')]).toEqual([403, 'ROLE']);
    const [denied] = await web.context
      .open()
      .journal.readAll({ direction: 'backwards', limit: 1, filter: { types: ['AccessDenied'] } });
    expect(denied?.data).toMatchObject({ endpoint: 'GET /api/explain', code: 'ROLE' });
    expect((await admin.get(about('setting:SYMBOLS'))).at('code')).not.toBe('ROLE');
  });

  test('what nobody knows is refused with what can be asked', async () => {
    const answer = await viewer.get(about('no-such-order'));
    expect([answer.status < 500, answer.at('code')]).toEqual([true, 'NOTHING_TO_EXPLAIN']);
    expect(answer.at('remedy')).toContain('client order id');
    expect((await viewer.get('/api/explain')).status).toBe(422);
  });

  test('a user has one question at a time; those of others wait and are answered', async () => {
    const { paths, journal } = web.context.open();
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const slow = { readAll: async (options: object) => gate.then(() => journal.readAll(options)) };
    const controller = new ExplainController({ open: () => ({ journal: slow, paths }) } as unknown as WebContext);
    const ask = (userId: string): Promise<ExplainAnswer> =>
      controller.explain(
        Object.assign(new ExplainQueryInput(), { subject: 'float' }),
        {
          userId,
          ...{ role: 'viewer', ownRole: 'viewer' },
          kind: 'session',
        } as Principal,
        {} as unknown as Request,
      );
    const first = ask('U-1');
    const second = ask('U-2');
    await expect(ask('U-1')).rejects.toMatchObject({ facts: { status: 503, code: 'EXPLAIN_BUSY' } });
    release();
    expect((await first).figure).toMatchObject({ name: 'float' });
    expect((await second).figure).toMatchObject({ name: 'float' });
    expect((await ask('U-1')).subject).toBe('float');
  });

  test('each field of the status says what to ask', async () => {
    const fields = (await viewer.get('/api/explain/fields')).at('fields') as { field: string; subject: string }[];
    expect(fields.map(({ field }) => field)).toEqual(Object.keys(STATUS_SOURCES));
    expect(fields.find(({ field }) => field === 'daily.trading_pnl')?.subject).toBe('trading:D');
  });
});

describe('the message of the broker behind an event', () => {
  const imported = async (adjustmentId: string, rawSha256: Sha256Hex): Promise<string> => {
    const data = {
      ...{ activityId: adjustmentId, activityType: 'fee', amount: '1.00', symbol: null, adjustmentId, rawSha256 },
      ...{ happenedAt: '2026-01-06T14:30:00.000Z', description: 'a fee' },
    } as EventData<'BrokerActivityImported'>;
    const draft = { type: 'BrokerActivityImported', data, correlationId: adjustmentId, causationId: null } as const;
    await web.context.open().appender.append(STREAMS.accounting, [draft]);
    return newestId('BrokerActivityImported');
  };

  test('its address is in the event, and a viewer reads it with its source, time and digest', async () => {
    const { paths } = web.context.open();
    const raw = new RawFrameFiles({
      ...{ dir: paths.storage.rawFrames, side: 'broker', clock: new SystemClock(), keepDays: () => 2 },
      disk: { freeBytes: () => 1e12 },
    });
    const account = new MaskedFrames(raw, [secret('6YA12345')]);
    const text = '{"fee":1.00,"account_number":"6YA12345","memo":"<b>6YA12345</b>"}';
    const sha256 = account.keep({ source: 'TRADIER', channel: 'GET /v1/history', text });
    await raw.flush();
    const id = await imported('A-1', sha256);
    const listed = await viewer.get('/api/journal/events?type=BrokerActivityImported');
    expect(listed.at('items.0.frame')).toBe(`/api/journal/events/${id}/frame`);
    const frame = await viewer.get(String(listed.at('items.0.frame')));
    expect(JSON.parse(frame.text)).toMatchObject({
      ...{ eventId: id, type: 'BrokerActivityImported', source: 'TRADIER', channel: 'GET /v1/history', sha256 },
      ...{ text: '{"fee":1.00,"account_number":"***","memo":"<b>***</b>"}', cut: false },
    });
    await project(made);
    expect((await viewer.get(about(id))).at('events.0.hasFrame')).toBe(true);
    expect((await web.client().get(`/api/journal/events/${id}/frame`)).status).toBe(401);
  });

  test('an event without one, one that was not kept and an unknown id are refused with the reason', async () => {
    const lost = await viewer.get(`/api/journal/events/${await imported('A-2', sha256Hex('never kept'))}/frame`);
    expect([lost.status, lost.at('remedy')]).toEqual([404, expect.stringContaining('RAW_FRAMES_KEEP_DAYS')]);
    const state = await newestId('BotStateChanged');
    for (const id of [state, 'no-such-event', await newestId('UserRegistered')]) {
      const refused = await viewer.get(`/api/journal/events/${id}/frame`);
      expect([refused.status, refused.at('code')]).toEqual([404, 'NOT_FOUND']);
    }
    const events = await viewer.get('/api/journal/events?type=BotStateChanged');
    expect(events.at('items.0.frame')).toBeNull();
    expect((await viewer.get(about(state))).at('events.0.hasFrame')).toBe(false);
  });
});

describe('the status at a past position (JRN-31)', () => {
  test('it is the status up to that event, also without leading zeros, and the same for all who may read', async () => {
    const { journal } = web.context.open();
    const [first, second] = await journal.readAll({ limit: 2 });
    const early = await viewer.get(`/api/status?asof=${second?.position ?? ''}`);
    expect([early.status, early.at('as_of.position')]).toEqual([200, second?.position]);
    const short = await admin.get(`/api/status?asof=${(first?.position ?? '').replace(/^0+/, '')}`);
    expect([short.status, short.at('as_of.position')]).toEqual([200, first?.position]);
    expect((await viewer.get(`/api/status?asof=${second?.position ?? ''}`)).text).toBe(early.text);
    expect((await web.client().get('/api/status?asof=1')).status).toBe(401);
  });

  test.each(['999999', 'yesterday', '-1', '1 OR 1'])('%s is refused at its field', async (asof) => {
    const answer = await viewer.get(`/api/status?asof=${encodeURIComponent(asof)}`);
    expect([answer.status, answer.at('errors.0.field')]).toEqual([422, 'asof']);
  });
});
