import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseStrategyName } from '../../../src/events/names.js';
import { STREAMS } from '../../../src/events/streams.js';
import { networkError } from '../../../src/kernel/errors.js';
import { parseDateText } from '../../../src/kernel/time.js';
import { provisionTestHome } from '../../support/provision.js';
import { firstAdmin, moveTo, startTestWeb, type TestWeb, type WebClient } from '../../support/web.js';
import { removeTemporaryHomes, temporaryHome } from '../../unit/support/home.js';

let web: TestWeb;
let admin: WebClient;

beforeAll(async () => {
  const home = temporaryHome();
  await provisionTestHome(home);
  web = await startTestWeb({ home, answer: noWorker });
  admin = await firstAdmin(web);
  await moveTo(web, 'idle');
  await ask();
});

afterAll(async () => {
  await web.stop();
  removeTemporaryHomes();
});

/** A difference and an entry that wait for a person. */
async function ask(): Promise<void> {
  const { appender } = web.context.open();
  const difference = {
    ...{ mismatchId: 'BM-1', subject: 'position', kind: 'unknown_position', symbol: 'AIG', brokerSymbol: null },
    ...{ books: '0', broker: '5', delta: '5', brokerPrice: '20.50', occasion: 'schedule', replaces: null },
    firstSeenAt: '2026-01-06T15:00:00.000Z',
  } as const;
  const entry = {
    ...{ signalId: DECISION.signalId, strategy: 'open', symbol: 'AIG', side: 'long', quantity: '16', price: '50.00' },
    ...{ cost: '800.00', expiresAt: '2026-11-30T14:53:00.000Z' },
  } as const;
  const stream = STREAMS.strategy(parseStrategyName('open'), parseDateText('2026-11-30'));
  const cause = { correlationId: 'test', causationId: null };
  await appender.append(STREAMS.accounting, [{ type: 'BooksMismatchFound', data: difference as never, ...cause }]);
  await appender.append(stream, [{ type: 'EntryConfirmationRequested', data: entry as never, ...cause }]);
}

function noWorker(): never {
  throw networkError('retry', { code: 'WORKER_NOT_STARTED', message: 'no process can be started', remedy: 'Wait.' });
}

const REASON = 'as the broker has it';
const FLOAT = { direction: 'inject', amount: '5000.00', reason: REASON };
const SHARES = { symbol: 'AIG', side: 'buy', quantity: '5', price: '20.50', reason: REASON };
const CASH = { cash: '-0.35', account: '4055', reason: REASON };
const RESOLUTION = { mismatchId: 'BM-1', take: 'broker', reason: REASON };
const DECISION = { signalId: '2026-11-30/open/AIG', take: 'confirmed', reason: REASON };
const LIST = { version: '0', entries: { SPY: 'SH' }, reason: REASON };
const MOST = `9${'0'.repeat(16)}`;
/** Zero-width spaces: characters, but nothing to read. */
const UNREADABLE = '\u200b\u200b\u200b';

type Case = readonly [what: string, address: string, body: object, field: string];

const FORMS: readonly Case[] = [
  ['a float of nothing', 'POST /api/float', { ...FLOAT, amount: '0' }, 'amount'],
  ['parts of a cent', 'POST /api/float', { ...FLOAT, amount: '1.001' }, 'amount'],
  ['more decimals than a number has', 'POST /api/float', { ...FLOAT, amount: `1.${'0'.repeat(20)}` }, 'amount'],
  ['a float that is too large', 'POST /api/float', { ...FLOAT, amount: '1000000000000000.01' }, 'amount'],
  ['a reason of blanks', 'POST /api/float', { ...FLOAT, reason: '    ' }, 'reason'],
  ['a reason that nobody can read', 'POST /api/float', { ...FLOAT, reason: UNREADABLE }, 'reason'],
  ['no shares', 'POST /api/adjustments', { ...SHARES, quantity: '0' }, 'quantity'],
  ['shares below zero', 'POST /api/adjustments', { ...SHARES, quantity: '-5' }, 'quantity'],
  ['shares in words', 'POST /api/adjustments', { ...SHARES, quantity: 'five' }, 'quantity'],
  ['an exponent', 'POST /api/adjustments', { ...SHARES, quantity: '1e3' }, 'quantity'],
  ['a price of nothing', 'POST /api/adjustments', { ...SHARES, price: '0.00' }, 'price'],
  ['a symbol that is none', 'POST /api/adjustments', { ...SHARES, symbol: 'no symbol' }, 'symbol'],
  ['more than the books hold', 'POST /api/adjustments', { ...SHARES, quantity: MOST }, 'quantity'],
  ['cash with parts of a cent', 'POST /api/adjustments', { ...CASH, cash: '0.355' }, 'cash'],
  ['cash in words', 'POST /api/adjustments', { ...CASH, cash: 'much' }, 'cash'],
  ['cash of more than the books hold', 'POST /api/adjustments', { ...CASH, cash: `${MOST}1` }, 'cash'],
  ['an entry that moves nothing', 'POST /api/adjustments', { reason: REASON }, 'cash'],
  ['an account that is not in the chart', 'POST /api/adjustments', { ...CASH, account: '9999' }, 'account'],
  ['cash without an account', 'POST /api/adjustments', { cash: '1.00', reason: REASON }, 'account'],
  ['a day that is none', 'POST /api/adjustments', { ...CASH, at: '2026-02-30' }, 'at'],
  ['a time without a zone', 'POST /api/adjustments', { ...CASH, at: '2026-02-03T10:00' }, 'at'],
  ['a price in words', 'POST /api/mismatches/resolve', { ...RESOLUTION, price: 'high' }, 'price'],
  ['a price below zero', 'POST /api/mismatches/resolve', { ...RESOLUTION, price: '-1' }, 'price'],
  ['an unknown account', 'POST /api/mismatches/resolve', { ...RESOLUTION, against: '9999' }, 'against'],
  [
    'a time that is past',
    'POST /api/mismatches/resolve',
    { ...RESOLUTION, take: 'books', until: '2020-01-01' },
    'until',
  ],
  ['no time', 'POST /api/mismatches/resolve', { ...RESOLUTION, take: 'books', until: 'soon' }, 'until'],
  ['no entry', 'POST /api/mismatches/resolve', { ...RESOLUTION, take: 'entry' }, 'entryId'],
  ['a key in a reason', 'POST /api/mismatches/resolve', { ...RESOLUTION, reason: 'password=hunter2hunter2' }, 'reason'],
  ['a reason of blanks', 'POST /api/confirmations/decide', { ...DECISION, reason: '    ' }, 'reason'],
  ['an entry that nobody asked about', 'POST /api/confirmations/decide', { ...DECISION, signalId: 'x' }, 'signalId'],
  ['a difference that is none', 'POST /api/mismatches/resolve', { ...RESOLUTION, mismatchId: 'BM-9' }, 'mismatchId'],
  ['a list that was changed', 'PUT /api/strategies/inverse-etfs', { ...LIST, version: '7' }, 'version'],
  ['no ETF', 'PUT /api/strategies/inverse-etfs', { ...LIST, entries: { SPY: '' } }, 'entries'],
  ['an ETF of itself', 'PUT /api/strategies/inverse-etfs', { ...LIST, entries: { SPY: 'SPY' } }, 'entries'],
  ['a reason of blanks', 'PUT /api/strategies/inverse-etfs', { ...LIST, reason: '    ' }, 'reason'],
  ['a reason of blanks', 'POST /api/secrets/destroy-earlier', { reason: '    ' }, 'reason'],
  ['a projection that is none', 'POST /api/books/rebuild', { name: 'nothing' }, 'name'],
  ['a projection that is none', 'POST /api/books/check', { name: 'nothing' }, 'name'],
];

describe('a wrong form is refused by the web itself, also while no process can be started', () => {
  test.each(FORMS)('%s: %s', async (_, address, body, field) => {
    const [method = '', path = ''] = address.split(' ');
    const answered = await admin.call(method, path, { body });
    expect([answered.status, answered.at('errors.0.field')]).toEqual([422, field]);
    expect(web.asked).toEqual([]);
  });

  test.each([
    ['POST /api/float', FLOAT],
    ['POST /api/adjustments', SHARES],
    ['POST /api/adjustments', CASH],
    ['POST /api/mismatches/resolve', RESOLUTION],
    ['POST /api/mismatches/resolve', { ...RESOLUTION, against: 'cash', price: '49.36' }],
    ['POST /api/confirmations/decide', DECISION],
    ['PUT /api/strategies/inverse-etfs', LIST],
    ['POST /api/secrets/destroy-earlier', { reason: REASON }],
    ['POST /api/books/rebuild', { name: 'ledger' }],
  ])('a right one gets as far as that: %s', async (address, body) => {
    const [method = '', path = ''] = address.split(' ');
    expect((await admin.call(method, path, { body })).at('code')).toBe('WORKER_NOT_STARTED');
  });
});
