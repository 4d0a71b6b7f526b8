import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Body, Controller, Get, Inject, Module, Param, Post, Put, Req, Res, type Type } from '@nestjs/common';
import type { Request, Response } from 'express';
import { configError, invariant } from '../../../src/kernel/errors.js';
import { Needs, Public, ServedIn } from '../../../src/processes/web/common/access.js';
import { Answers } from '../../../src/processes/web/common/answers.js';
import { etagOf, requireIfMatch, sendEtag } from '../../../src/processes/web/common/etags.js';
import {
  ChoiceField,
  FlagField,
  PartField,
  PartsField,
  RecordField,
  TextField,
  TextsField,
  WholeField,
} from '../../../src/processes/web/common/fields.js';
import { Input, PathInput, QueryInput } from '../../../src/processes/web/common/input.js';
import { makeCursor, pageOf, PageQuery, readCursor } from '../../../src/processes/web/common/paging.js';
import type { WebContext } from '../../../src/processes/web/web-context.js';
import { WEB_CONTEXT } from '../../../src/processes/web/tokens.js';
import { startTestWeb, type TestWeb, type WebClient } from '../../support/web.js';
import { removeTemporaryHomes, temporaryHome } from '../../unit/support/home.js';

class Leg {
  @TextField({ description: 'Account.', max: 10 })
  account!: string;
}

class Order {
  @TextField({ description: 'Ticker.', max: 5, pattern: /^[A-Z]+$/, patternDescription: 'capital letters' })
  symbol!: string;

  @WholeField({ description: 'Shares.', min: 1, max: 100 })
  shares!: number;

  @ChoiceField(['buy', 'sell'], { description: 'Side.' })
  side!: string;

  @FlagField({ description: 'Urgent.', optional: true })
  urgent?: boolean;

  @TextsField({ description: 'Tags.', max: 2, each: 5, optional: true })
  tags?: readonly string[];

  @RecordField({ description: 'Settings.', max: 2, each: 5, optional: true })
  settings?: Readonly<Record<string, string>>;

  @PartField(() => Leg, { description: 'First leg.', optional: true })
  leg?: Leg;

  @PartsField(() => Leg, { description: 'Legs.', max: 2, optional: true })
  legs?: readonly Leg[];
}

class ListQuery extends PageQuery {
  @FlagField({ description: 'Only open ones.', optional: true })
  open?: boolean;
}

const SECRET_TEXT = 'canary-4711';

@Controller('api/try')
@ServedIn('always')
@Public('a test')
class TryController {
  private stored = { text: 'first' };

  constructor(@Inject(WEB_CONTEXT) private readonly context: WebContext) {}

  @Post('orders')
  @Answers(201, null, 'Echoes.')
  order(@Input(Order) order: Order): unknown {
    return { order, isOrder: order instanceof Order };
  }

  @Get('list')
  @Answers(200, null, 'A page.')
  list(@QueryInput(ListQuery) { limit = 2, cursor, open }: ListQuery): unknown {
    const after = Number(readCursor('tried', cursor, 1)?.[0] ?? 0);
    const found = [1, 2, 3, 4, 5].filter((n) => n > after).slice(0, limit + 1);
    return { ...pageOf(found, limit, (last) => makeCursor('tried', [last])), open: open ?? null };
  }

  @Get('one/:id')
  @Answers(200, null, 'One.')
  one(@PathInput('id', /^[a-z]{1,4}$/, 'Its id.') id: string): unknown {
    return { id };
  }

  @Get('text')
  @Answers(200, null, 'What is stored.')
  read(@Res({ passthrough: true }) response: Response): unknown {
    sendEtag(response, etagOf(this.stored));
    return this.stored;
  }

  @Put('text')
  @Answers(200, null, 'Stores.')
  write(@Input(Leg) { account }: Leg, @Req() request: Request): unknown {
    requireIfMatch(request, etagOf(this.stored));
    this.stored = { text: account };
    return this.stored;
  }

  @Get('fail/:how')
  @Answers(200, null, 'Fails.')
  fail(@PathInput('how', /^[a-z]+$/, 'How.') how: string): unknown {
    const facts = { message: 'the thing is bad', remedy: 'Fix it.' };
    if (how === 'refuse') throw configError({ code: 'REGISTRATION_OVER', ...facts });
    if (how === 'name') throw configError({ code: 'BAD_THING', ...facts, message: this.context.base.home });
    invariant(how !== 'stop', 'BROKEN', `something at ${this.context.base.home} is broken`);
    throw new Error(SECRET_TEXT);
  }
}

@Module({ controllers: [TryController] })
class TryModule {}

let web: TestWeb;
let client: WebClient;

async function startWith(...features: readonly Type[]): Promise<TestWeb> {
  return startTestWeb({ home: temporaryHome(), features });
}

beforeAll(async () => {
  web = await startWith(TryModule);
  client = web.client();
});

afterAll(async () => {
  await web.stop();
  removeTemporaryHomes();
});

const ORDER = { symbol: 'SPY', shares: 1, side: 'buy' };

describe('request input', () => {
  test('a valid body arrives as its class', async () => {
    const answered = await client.post('/api/try/orders', {
      ...ORDER,
      ...{ urgent: true, tags: ['a'], settings: { A: 'b' }, leg: { account: 'x' }, legs: [{ account: 'y' }] },
    });
    expect([answered.status, answered.at('isOrder'), answered.at('order.settings.A')]).toEqual([201, true, 'b']);
    expect([answered.at('order.leg.account'), answered.at('order.legs.0.account')]).toEqual(['x', 'y']);
  });

  test('all faults are reported at once, each with its member', async () => {
    const answered = await client.post('/api/try/orders', {
      ...{ symbol: 'spy!!!', shares: 1.5, side: 'hold', urgent: 'yes', tags: ['toolong', 1, 2], settings: { A: 1 } },
      ...{ leg: { account: '', more: 1 }, legs: [{ account: 'ok' }, { account: 5 }], unknown: true },
    });
    expect([answered.status, answered.at('code')]).toEqual([422, 'INVALID_INPUT']);
    const fields = (answered.at('errors') as { field: string }[]).map(({ field }) => field);
    expect([...new Set(fields)].sort()).toEqual(
      [
        'leg.account',
        'leg.more',
        'legs.1.account',
        'settings',
        'shares',
        'side',
        'symbol',
        'tags',
        'unknown',
        'urgent',
      ].sort(),
    );
  });

  test.each(['[]', '"text"', '5', 'null', '{"__proto__":{"a":1},"symbol":"SPY"}'])(
    '%s is not a valid body',
    async (body) => {
      const answered = await client.post('/api/try/orders', body);
      expect([400, 422]).toContain(answered.status);
      expect(answered.headers['content-type']).toContain('application/problem+json');
    },
  );

  test.each([
    ['limit=0', 'limit'],
    ['limit=201', 'limit'],
    ['limit=1e2', 'limit'],
    ['limit=1&limit=2', 'limit'],
    ['cursor=nonsense', 'cursor'],
    [`cursor=${makeCursor('tried', [1, 2])}`, 'cursor'],
    [`cursor=${makeCursor('another', [1])}`, 'cursor'],
    ['open=maybe', 'open'],
    ['other=1', 'other'],
  ])('the query %s is refused', async (query, field) => {
    const answered = await client.get(`/api/try/list?${query}`);
    expect([answered.status, answered.at('errors.0.field')]).toEqual([422, field]);
  });

  test('a cursor reads a list to its end', async () => {
    const seen: unknown[] = [];
    let query = '';
    for (let page = 0; page < 5; page += 1) {
      const answered = await client.get(`/api/try/list?limit=2&open=true${query}`);
      expect(answered.at('open')).toBe(true);
      seen.push(...(answered.at('items') as number[]));
      const next = answered.at('nextCursor');
      if (typeof next !== 'string') break;
      query = `&cursor=${next}`;
    }
    expect(seen).toEqual([1, 2, 3, 4, 5]);
  });

  test('an invalid path parameter is not found', async () => {
    expect((await client.get('/api/try/one/abc')).at('id')).toBe('abc');
    for (const id of ['ABC', '..%2f', '%00', 'toolong']) {
      expect((await client.get(`/api/try/one/${id}`)).status).toBe(404);
    }
  });
});

describe('responses', () => {
  test('a GET is sent again only when the content changed', async () => {
    const first = await client.get('/api/try/one/abc');
    expect(first.headers.etag).toMatch(/^W\//);
    expect(first.headers['cache-control']).toBe('private, no-cache');
    const again = await client.get('/api/try/one/abc', { headers: { 'If-None-Match': first.headers.etag ?? '' } });
    expect([again.status, again.text]).toEqual([304, '']);
    const other = await client.get('/api/try/one/abd', { headers: { 'If-None-Match': first.headers.etag ?? '' } });
    expect(other.status).toBe(200);
  });

  test('an update must name the version that it changes', async () => {
    const { etag = '' } = (await client.get('/api/try/text')).headers;
    expect((await client.put('/api/try/text', { account: 'second' })).at('code')).toBe('IF_MATCH_NEEDED');
    const done = await client.put('/api/try/text', { account: 'second' }, { headers: { 'If-Match': etag } });
    expect(done.status).toBe(200);
    const late = await client.put('/api/try/text', { account: 'third' }, { headers: { 'If-Match': etag } });
    expect([late.status, late.at('code')]).toEqual([412, 'CHANGED_MEANWHILE']);
    expect((await client.get('/api/try/text')).at('text')).toBe('second');
  });

  test('an error of the program is a problem with its code and remedy', async () => {
    const answered = await client.get('/api/try/fail/refuse');
    expect(answered.headers['content-type']).toContain('application/problem+json');
    expect(JSON.parse(answered.text)).toMatchObject({
      type: 'urn:tradebot:problem:REGISTRATION_OVER',
      title: 'Conflict with the current state',
      status: 409,
      detail: 'the thing is bad',
      code: 'REGISTRATION_OVER',
      remedy: 'Fix it.',
      instance: `urn:tradebot:request:${String(answered.headers['x-request-id'])}`,
    });
  });

  test('an error whose text was not written for callers shows an outsider its code only', async () => {
    const answered = await client.get('/api/try/fail/name');
    expect([answered.status, answered.at('code'), answered.at('detail')]).toEqual([422, 'BAD_THING', 'Invalid input.']);
    expect(answered.text).not.toContain(web.context.base.home);
  });

  test.each([
    ['stop', 'BROKEN'],
    ['crash', 'UNEXPECTED'],
  ])('a defect (%s) shows an outsider nothing, and the log has it under the same id', async (how, code) => {
    const answered = await client.get(`/api/try/fail/${how}`);
    expect([answered.status, answered.at('code')]).toEqual([500, code]);
    expect(answered.text).not.toMatch(/canary|\.[jt]s\b|\\n +at |tradebot-test/);
    expect(web.log.failures.at(-1)?.request).toBe(answered.headers['x-request-id']);
  });

  test('unknown paths and wrong methods are refused', async () => {
    expect([(await client.get('/api/nothing')).status, (await client.get('/api/try')).status]).toEqual([404, 404]);
    const wrong = await client.delete('/api/try/text');
    expect([wrong.status, wrong.headers['allow']]).toEqual([405, 'GET, PUT']);
    expect((await client.call('HEAD', '/api/try/text')).status).toBe(200);
  });
});

describe('the request log', () => {
  test('it has the route pattern and never its values', async () => {
    await client.get('/api/try/one/abc?limit=5');
    await client.get('/api/try/one/secretvalue?token=hush');
    const [first, second] = web.log.requests.slice(-2);
    expect([first?.route, first?.status, second?.route, second?.status]).toEqual([
      ...['/api/try/one/:id', 200],
      ...['/api/try/one/:id', 404],
    ]);
    expect(JSON.stringify(web.log.requests)).not.toMatch(/hush|secretvalue|limit/);
  });
});

describe('an undeclared endpoint prevents the start (SEC-12)', () => {
  const started: TestWeb[] = [];

  afterEach(async () => {
    for (const one of started.splice(0)) await one.stop();
  });

  @Controller('api/open')
  @ServedIn('always')
  class NoAccess {
    @Get()
    @Answers(200, null, 'x')
    get(): string {
      return 'data';
    }
  }

  @Controller('api/open')
  @Needs('read')
  class NoPart {
    @Get()
    @Answers(200, null, 'x')
    get(): string {
      return 'data';
    }
  }

  @Controller('api/open')
  @Needs('read')
  @ServedIn('always')
  class Unchecked {
    @Post(':id')
    post(@Body() body: unknown, @Param('id') id: string): unknown {
      return { body, id };
    }
  }

  test.each([
    [NoAccess, /NoAccess\.get has neither @Needs nor @BySetupToken nor @Public/],
    [NoPart, /NoPart\.get has no @ServedIn/],
    [Unchecked, /Unchecked\.post has no @Answers; Unchecked\.post has an argument without @Input/],
  ])('%p', async (controller, says) => {
    @Module({ controllers: [controller] })
    class Feature {}
    const starting = startWith(TryModule, Feature).then((one) => started.push(one));
    await expect(starting).rejects.toThrow(says);
  });
});
