import { afterEach, describe, expect, test } from '@jest/globals';
import { DAY_MS, MINUTE_MS } from '../../../src/kernel/time.js';
import { BadAccount } from './bad-account.js';

type Fields = Readonly<Record<string, string>>;
/** What is wrong, how it comes about, what a person reads, and whether the bot asks again by itself. */
type Row = readonly [
  what: string,
  spoil: (account: BadAccount) => Fields | undefined | Promise<undefined>,
  reads: RegExp,
  asksAgain?: 'asks again',
];

let account: BadAccount | undefined;
afterEach(() => account?.stop());

const ALL = 10_000;
const set = (fields: Readonly<Record<string, unknown>>) => (bad: BadAccount) => {
  Object.assign(bad.alpaca.account.accountFields, fields);
  return undefined;
};
const alpacaSays =
  (call: string, status: number, body: unknown, headers: Fields = {}) =>
  (bad: BadAccount) => {
    bad.alpaca.answers.set(call, { status, body, headers });
    return undefined;
  };
const tradierSays = (call: string, status: number, body: string) => (bad: BadAccount) => {
  bad.tradier.answers.set(
    call,
    Array.from({ length: 20 }, () => ({ status, body, type: 'application/json' })),
  );
  return undefined;
};
const wire =
  (fault: 'html' | 'garbage' | 'silent' | 'lose_request' | 'server_error' | 'rate_limit') => (bad: BadAccount) => {
    bad.emulator.faults.next(fault, '', ALL);
    return undefined;
  };
const gone = (bad: BadAccount): Promise<undefined> => bad.stop().then(() => undefined);
const HELD = /held for the rate|calls of this minute|for the rate of calls/;

const ALPACA: readonly Row[] = [
  ['a wrong key', () => ({ BROKER_SECRET_KEY: 'wrong' }), /^broker\.key: ALPACA refused the key .* under secrets\.$/],
  ['a live key', () => ({ BROKER_API_KEY: 'AKLIVE' }), /^broker\.key: ALPACA refused the key/],
  ['a blocked account', set({ account_blocked: true }), /^broker\.blocked: the account is blocked\. Ask Alpaca/],
  ['blocked trading', set({ trading_blocked: true }), /^broker\.trading: trading is blocked/],
  ['a closed account', set({ status: 'ACCOUNT_CLOSED' }), /^broker\.active: the account is ACCOUNT_CLOSED, not ACTIVE/],
  ['suspended by its owner', set({ trade_suspended_by_user: true }), /^broker\.suspended: .* Allow trading/],
  ['another currency', set({ currency: 'EUR' }), /^broker\.currency: the account is in EUR, not USD/],
  ['another account', () => ({ BROKER_ACCOUNT_NUMBER: 'PA9' }), /^broker\.account: the key opens another account/],
  [
    'a clock of 5.5 s',
    (bad) => void (bad.alpaca.account.skewMs = 5_500),
    /^broker\.clock: .* 6 s behind that of Alpaca/,
  ],
  ['a clock of 5 min', (bad) => void (bad.alpaca.account.skewMs = -5 * MINUTE_MS), /^broker\.clock: .* 300 s ahead of/],
  ['a clock of a day', (bad) => void (bad.alpaca.account.skewMs = DAY_MS), /^broker\.clock: .* 86400 s behind/],
  [
    'a list for the account',
    alpacaSays('GET /v2/account', 200, []),
    /^broker\.answer: .* ALPACA cannot be read: account: the whole is a list, not an object\./,
    'asks again',
  ],
  [
    'null for the account',
    alpacaSays('GET /v2/account', 200, null),
    /^broker\.answer: .* the whole is null, not an object\./,
    'asks again',
  ],
  [
    'an object for the positions',
    alpacaSays('GET /v2/positions', 200, {}),
    /position: the whole is an object, not a list\./,
    'asks again',
  ],
  [
    'maintenance',
    alpacaSays('GET /v2/account', 503, 'down'),
    /^broker\.reachable: ALPACA answered HTTP 503/,
    'asks again',
  ],
  ...(
    [
      { 'retry-after': '20' },
      { 'retry-after': 'Sat, 05 Oct 2013 12:00:20 GMT' },
      {},
      { 'retry-after': 'soon' },
    ] as const
  ).map((headers): Row => [
    `a refusal for the rate, ${JSON.stringify(headers)}`,
    alpacaSays('GET /v2/account', 429, { code: 42910000, message: 'too many requests.' }, headers),
    'retry-after' in headers && headers['retry-after'] !== 'soon'
      ? /HTTP 429\)\. .* in 20 s/
      : /HTTP 429\)\. .* in 5 s/,
    'asks again',
  ]),
];

const TRADIER: readonly Row[] = [
  [
    'a wrong token',
    () => ({ BROKER_API_KEY: 'wrong' }),
    /^broker\.tradier\.account: TRADIER refused the access token .* Enter a valid token\./,
  ],
  [
    'a closed account',
    (bad) => void (bad.tradier.account.accountStatus = 'closed'),
    /the account at TRADIER is closed\. Ask the broker/,
  ],
  [
    'an account without stocks',
    (bad) => void (bad.tradier.account.accountType = 'crypto'),
    /of the type crypto, .* Set BROKER_ACCOUNT_NUMBER/,
  ],
  [
    'another account',
    () => ({ BROKER_ACCOUNT_NUMBER: 'VA9' }),
    /opens 1 accounts?, not the chosen one\. Set BROKER_ACCOUNT_NUMBER/,
  ],
  [
    'a clock of 5 min',
    (bad) => void (bad.tradier.account.skewMs = -5 * MINUTE_MS),
    /clock: .* 300 s ahead of that of TRADIER/,
  ],
  ['a clock of a day', (bad) => void (bad.tradier.account.skewMs = DAY_MS), /clock: .* 86400 s behind that of TRADIER/],
  [
    'a list for the profile',
    tradierSays('GET /user/profile', 200, '[]'),
    /cannot be read: it has no object "profile"/,
    'asks again',
  ],
  [
    'nothing for the balances',
    tradierSays('GET /balances', 200, '{"balances":null}'),
    /it has no object "balances"/,
    'asks again',
  ],
  ['maintenance', tradierSays('GET /user/profile', 503, 'down'), /TRADIER answered HTTP 503/, 'asks again'],
  [
    'a refusal for the rate as HTTP 400',
    tradierSays('GET /user/profile', 400, 'Quota Violation: Expires 1'),
    /for the rate of calls/,
    'asks again',
  ],
];

const IBKR: readonly Row[] = [
  [
    'an account that the login lacks',
    () => ({ BROKER_ACCOUNT_NUMBER: 'U9' }),
    /^broker\.account: the login does not have the account .* it has 1 other/,
  ],
  [
    'two accounts and none chosen',
    (bad) => void (bad.ibkr.accounts = ['DU1', 'DU2']),
    /^broker\.account: the login has 2 accounts\. Set BROKER_ACCOUNT_NUMBER/,
  ],
  ['no account', (bad) => void (bad.ibkr.accounts = []), /^broker\.account: the login has no account\. Log in/],
  [
    'an API that is set to read only',
    (bad) => void (bad.ibkr.readOnly = true),
    /^broker\.orders: .* Read-Only mode\. \(321\)\. Clear "Read-Only API" in TWS or IB Gateway/,
  ],
  [
    'a gateway without a login',
    (bad) => void (bad.ibkr.greeting = 'not logged in'),
    /did not answer the checks of the account within/,
    'asks again',
  ],
  [
    'a gateway that accepts and says nothing',
    (bad) => void (bad.ibkr.greeting = 'half open'),
    /did not answer the checks of the account/,
    'asks again',
  ],
];

const HTTP: readonly Row[] = [
  ['HTML at 200', wire('html'), /no JSON/, 'asks again'],
  ['an answer that is cut', wire('garbage'), /no JSON/, 'asks again'],
  ['HTTP 500', wire('server_error'), /HTTP 500/, 'asks again'],
  ['a refusal for the rate', wire('rate_limit'), HELD, 'asks again'],
  ['connections that are reset', wire('lose_request'), /did not answer/, 'asks again'],
];
const ANY: readonly Row[] = [
  ['answers that never come', wire('silent'), /did not answer the checks of the account within/, 'asks again'],
  ['nothing that listens', gone, /cannot be reached|nothing listens/, 'asks again'],
];

describe.each([
  ['alpaca', [...ALPACA, ...HTTP, ...ANY]],
  ['tradier', [...TRADIER, ...HTTP, ...ANY]],
  ['ibkr', [...IBKR, ...ANY]],
] as const)('a bad account at %s', (name, rows) => {
  test('a good one passes', async () => {
    account = await BadAccount.at(name);
    expect(await account.checked()).toEqual({ findings: [], asksAgain: false, sent: 0 });
  });

  test.each(rows.map((row) => ({ what: row[0], row })))(
    '$what: one message with the remedy, and nothing is sent',
    async ({ row }) => {
      const [, spoil, reads, asksAgain] = row;
      account = await BadAccount.at(name);
      const fields = (await spoil(account)) ?? {};
      const { findings, ...rest } = await account.checked(fields);
      expect(findings).toEqual([expect.stringMatching(reads)]);
      expect(rest).toEqual({ asksAgain: asksAgain !== undefined, sent: 0 });
      // a sentence of the cause, and at least one of what to do
      expect(findings[0]).toMatch(/[.] [A-Z].*[.]$/);
      const secrets = Object.entries({ ...account.emulator.credentials, ...fields }).filter(
        ([key]) => key !== 'BROKER_URL',
      );
      for (const [, value] of secrets) expect(findings[0]).not.toContain(value);
    },
  );
});
