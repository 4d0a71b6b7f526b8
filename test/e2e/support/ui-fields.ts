import type { Locator, Page } from 'playwright-core';
import { button, inDialog } from './ui-changes.js';

/** A form of the app, and for each of its fields a value that the server or the form itself refuses. */
export interface UiForm {
  readonly name: string;
  /** Its source below src/ui. */
  readonly source: string;
  /** Below /app. */
  readonly path: string;
  /** Opens it; returns what its fields stand in. */
  readonly open: (page: Page) => Promise<Locator>;
  readonly submit: string;
  /** What is typed: label of a field, a bad value, and what its fault says, with the remedy. */
  readonly bad: readonly BadValue[];
  /** Other fields of the same place, which are tested below the table. */
  readonly below?: readonly string[];
  /** What this bot does not have, and an answer of its server gets for the page, by path. */
  readonly also?: Readonly<Record<string, unknown>>;
}

/** The fault null: the value is as it should be. */
type BadValue = readonly [label: string, value: string, fault: RegExp | null];

const whole = (page: Page): Promise<Locator> => Promise.resolve(page.locator('main'));
const dialog =
  (opens: string) =>
  (page: Page): Promise<Locator> =>
    inDialog(page, opens);
/** The dialog behind a button of a part of the page. */
const dialogOf =
  (part: string, opens: string) =>
  async (page: Page): Promise<Locator> => {
    await button(page.getByRole('region', { name: part, exact: true }), opens).click();
    return page.getByRole('dialog');
  };
const card =
  (title: string) =>
  (page: Page): Promise<Locator> =>
    Promise.resolve(page.getByRole('region', { name: title, exact: true }));

const REASON_FAULT = /^Must have 3 characters or more\.$/;
const REASON = ['Reason (required)', 'x', REASON_FAULT] as const;
const AT = '2013-10-07T13:30:00.000Z';

const resolving =
  (take: string): UiForm['open'] =>
  async (page) => {
    await button(page, 'Resolve').click();
    await page.getByLabel('Resolution').selectOption(take);
    return page.locator('main form');
  };

const exporting =
  (range: string): UiForm['open'] =>
  async (page) => {
    await page.getByLabel('Range').selectOption(range);
    return page.locator('main form');
  };

const entering: UiForm['open'] = async (page) => {
  const place = page.getByRole('region', { name: 'Adjusting entry', exact: true });
  await place.getByLabel('Shares', { exact: true }).selectOption('buy');
  return place;
};

/** An adjusting entry of which one value alone is refused: the books look at them one after the other. */
function entryWith(wrong: BadValue): UiForm {
  const right: readonly BadValue[] = [
    ['Symbol', 'AIG', null],
    ['Number of shares', '5', null],
    ['Price per share', '20.50', null],
    ['Cash received or paid', '', null],
    ['Effective time', '', null],
    ['Settles the report', '', null],
    ['Reason (required)', 'bought by hand', null],
  ];
  const [label, value] = wrong;
  return {
    ...{ name: `entry, ${label.toLowerCase()} ${value}`, source: 'pages/books/entries.tsx', path: '/books' },
    ...{ submit: 'Book entry', open: entering, bad: right.map((one) => (one[0] === label ? wrong : one)) },
  };
}

const NO_NUMBER = /is not a decimal number\. Write digits with an optional minus/;
const NO_TIME = /^"soon" is not a UTC time\. Give a day \(UTC\) such as/;
const DAY_FAULT = /^Enter a day such as 2013-10-07\.$/;

const MONEY: readonly UiForm[] = [
  {
    ...{ name: 'float', source: 'pages/float/page.tsx', path: '/float', open: whole, submit: 'Book the transfer' },
    bad: [
      ['Amount in dollars', 'much', /^Must be dollars above zero with at most two decimals, such as 5000\.00\.$/],
      REASON,
    ],
  },
  {
    ...{ name: 'float that is not there', source: 'pages/float/page.tsx', path: '/float', submit: 'Book the transfer' },
    open: async (page) => {
      await page.getByLabel('Direction').selectOption('return');
      return page.locator('main');
    },
    bad: [
      [
        'Amount in dollars',
        '99999999.00',
        /^99999999\.00 cannot be returned: the float is .* Return at most the float\.$/,
      ],
      ['Reason (required)', 'all of it', null],
    ],
  },
  {
    ...{ name: 'difference, broker', source: 'pages/inbox/page.tsx', path: '/reconciliation', submit: 'Resolve' },
    ...{ open: resolving('broker') },
    bad: [
      ['Price per share', '1'.repeat(41), /^Must have at most 40 characters\.$/],
      ['Other side of the entry', 'x'.repeat(41), /^Must have at most 40 characters\.$/],
      REASON,
    ],
  },
  {
    ...{ name: 'price of a difference', source: 'pages/inbox/page.tsx', path: '/reconciliation', submit: 'Resolve' },
    ...{ open: resolving('broker') },
    bad: [
      ['Price per share', 'cheap', NO_NUMBER],
      ['Other side of the entry', '', null],
      ['Reason (required)', 'as at the broker', null],
    ],
  },
  {
    ...{ name: 'account of a difference', source: 'pages/inbox/page.tsx', path: '/reconciliation', submit: 'Resolve' },
    ...{ open: resolving('broker') },
    bad: [
      ['Price per share', '', null],
      ['Other side of the entry', 'nowhere', /^The entry names nowhere for its cash.* account of the chart/],
      ['Reason (required)', 'as at the broker', null],
    ],
  },
  {
    ...{ name: 'difference, books', source: 'pages/inbox/page.tsx', path: '/reconciliation', submit: 'Resolve' },
    ...{ open: resolving('books') },
    bad: [
      ['Wait until (UTC)', 'soon', NO_TIME],
      ['Reason (required)', 'it is late', null],
    ],
  },
  {
    ...{ name: 'difference, entry', source: 'pages/inbox/page.tsx', path: '/reconciliation', submit: 'Resolve' },
    ...{ open: resolving('entry') },
    bad: [
      ['Entry or activity', 'AE-99', /^"AE-99" explains it in these books\. Name an adjusting entry/],
      ['Reason (required)', 'it is this one', null],
    ],
  },
  {
    ...{ name: 'entry without its shares', source: 'pages/books/entries.tsx', path: '/books', submit: 'Book entry' },
    ...{ open: entering },
    bad: [
      ['Symbol', '', /^Name the shares, such as SPY\.$/],
      ['Number of shares', '', /^Enter how many shares move\.$/],
      ['Price per share', '', /^Enter the price per share, such as 20\.50\.$/],
    ],
  },
  ...(
    [
      ['Symbol', 'a b', /is not a ticker symbol\. Use capitals/],
      ['Number of shares', 'many', NO_NUMBER],
      ['Price per share', 'cheap', NO_NUMBER],
      ['Cash received or paid', 'some', NO_NUMBER],
      ['Effective time', 'soon', NO_TIME],
      ['Settles the report', 'RF-0', /^RF-0 is no refused report .* Reconciliation in the browser lists them/],
    ] as const
  ).map(entryWith),
  {
    ...{ name: 'export of a session', source: 'pages/exports/page.tsx', path: '/exports', submit: 'Export' },
    ...{ open: exporting('session'), bad: [['Session', '', DAY_FAULT]] },
  },
  {
    ...{ name: 'export of days', source: 'pages/exports/page.tsx', path: '/exports', submit: 'Export' },
    ...{ open: exporting('days') },
    bad: [
      ['First day', '', DAY_FAULT],
      ['Last day', '', DAY_FAULT],
    ],
  },
  {
    ...{ name: 'export of days backwards', source: 'pages/exports/page.tsx', path: '/exports', submit: 'Export' },
    ...{ open: exporting('days') },
    bad: [
      ['First day', '2013-10-07', null],
      ['Last day', '2013-10-04', /^Choose the first day or a later one\.$/],
    ],
  },
];

const SHORT = /^The password has 5 characters\. Use 12 or more\.$/;

const USERS: readonly UiForm[] = [
  {
    ...{ name: 'new user', source: 'pages/users/new-user.tsx', path: '/users', submit: 'Create user' },
    ...{ open: dialog('New user') },
    bad: [
      ['User name', 'a', /^Must have 2 characters or more\.$/],
      ['Email', 'n'.repeat(255), /^Must have at most 254 characters\.$/],
      ['One-time password', '', /^Must not be empty\.$/],
    ],
  },
  {
    ...{ name: 'name of a new user', source: 'pages/users/new-user.tsx', path: '/users', submit: 'Create user' },
    ...{ open: dialog('New user') },
    bad: [
      ['User name', 'a b', /is not a valid user name\. Use 2 to 64 letters/],
      ['Email', '', null],
      ['One-time password', 'nine-Violins-88-otter', null],
    ],
  },
  {
    ...{ name: 'email of a new user', source: 'pages/users/new-user.tsx', path: '/users', submit: 'Create user' },
    ...{ open: dialog('New user') },
    bad: [
      ['User name', 'nora', null],
      ['Email', 'nowhere', /is not an email address\. Use the form name@example\.org/],
      ['One-time password', 'nine-Violins-88-otter', null],
    ],
  },
  {
    ...{ name: 'password of a new user', source: 'pages/users/new-user.tsx', path: '/users', submit: 'Create user' },
    ...{ open: dialog('New user') },
    bad: [
      ['User name', 'nora', null],
      ['Email', '', null],
      ['One-time password', 'short', SHORT],
    ],
  },
  {
    ...{ name: 'one-time password', source: 'pages/users/manage.tsx', path: '/users', submit: 'Set one-time password' },
    open: async (page) => {
      const found = await inDialog(page, 'Manage victor');
      await button(found, 'Set one-time password').click();
      return found;
    },
    ...{ bad: [['One-time password', 'short', SHORT]], below: ['Reason'] },
  },
  {
    ...{ name: 'token', source: 'pages/account/tokens.tsx', path: '/account', submit: 'Create token' },
    ...{ open: dialog('New token') },
    bad: [
      ['Label', '', /^Must not be empty\.$/],
      ['Validity in days', 'long', /^Must be a whole number/],
    ],
  },
  {
    ...{ name: 'close the account', source: 'pages/account/close.tsx', path: '/account', submit: 'Close account' },
    ...{
      open: dialog('Close account'),
      bad: [['Type admin to confirm', 'adnim', /the name does not match\. Type admin/]],
    },
  },
  {
    ...{ name: 'second factor', source: 'pages/account/factor.tsx', path: '/account', submit: 'Confirm' },
    ...{
      open: dialog('Turn on'),
      bad: [['Code in the app', '000000', /^The code is wrong, .* Wait for the next code and try again/]],
    },
  },
  {
    ...{ name: 'own password', source: 'pages/account/password.tsx', path: '/account', submit: 'Change password' },
    ...{ open: card('Password') },
    bad: [
      [
        'Current password',
        'not-mine-at-all',
        /^The current password is wrong\. Enter the password that you log in with\.$/,
      ],
      ['New password', 'seven-Otters-12-piano', null],
    ],
  },
  {
    ...{ name: 'new password', source: 'pages/account/password.tsx', path: '/account', submit: 'Change password' },
    ...{ open: card('Password') },
    bad: [
      ['Current password', 'plum-Orbit-77-lantern', null],
      ['New password', 'short', SHORT],
    ],
  },
];

/** A control character, as a program pastes it. */
const BELL = 'a\u0007b';

const BOT: readonly UiForm[] = [
  {
    ...{ name: 'inverse ETFs', source: 'pages/strategies/inverse.tsx', path: '/strategies', submit: 'Save' },
    ...{ open: dialogOf('Inverse ETFs', 'Edit') },
    bad: [['Entries', 'SIMX=', null], REASON],
  },
  {
    ...{ name: 'entry of inverse ETFs', source: 'pages/strategies/inverse.tsx', path: '/strategies', submit: 'Save' },
    ...{ open: dialogOf('Inverse ETFs', 'Edit') },
    bad: [
      ['Entries', 'SIMX', /^SIMX has no ETF\. Correct the list, such as SPY=SH\./],
      ['Reason (required)', 'a pair', null],
    ],
  },
  {
    ...{ name: 'mail server', source: 'pages/secrets/replace.tsx', path: '/secrets', submit: 'Save' },
    ...{ open: dialog('Set Mail server') },
    bad: [
      ['Server', 'no host', /^Must be a host name or address\.$/],
      ['Port', 'many', /^Must be a port from 1 to 65535\.$/],
      ['Encryption', 'some', /^Must be starttls, tls or none\.$/],
      ['User', BELL, /^Must be printable text of up to 2000 characters\.$/],
      ['Password', BELL, /^Must be printable text of up to 2000 characters\.$/],
      ['Sender', 'nobody', /^Must be an address such as bot@example\.com\.$/],
    ],
  },
  {
    ...{ name: 'screeners', source: 'pages/secrets/replace.tsx', path: '/secrets', submit: 'Save' },
    ...{ open: dialog('Set Screener providers') },
    bad: [
      ['New field', 'no name', /^Use letters, digits and underscores/],
      ['Value', '', /^Enter the value of the new field\.$/],
    ],
  },
  {
    ...{ name: 'earlier keys', source: 'pages/secrets/keys.tsx', path: '/secrets', submit: 'Destroy' },
    ...{ open: dialog('Destroy earlier keys'), bad: [REASON] },
  },
  {
    ...{ name: 'protection', source: 'pages/control/protections.tsx', path: '/control', submit: 'Reset' },
    open: async (page) => {
      await button(page, 'Reset').click();
      return page.getByRole('dialog');
    },
    bad: [REASON],
    also: {
      '/api/control': {
        protections: [{ what: 'defense-mode', on: true, since: AT, cause: 'losses', resettable: true, refusal: '' }],
      },
    },
  },
  {
    ...{ name: 'foreign events', source: 'pages/health/journal-card.tsx', path: '/health', submit: 'Acknowledge' },
    open: async (page) => {
      await button(page, 'Acknowledge').click();
      return page.getByRole('dialog');
    },
    bad: [REASON],
    also: {
      '/api/journal/streams': {
        streams: [{ stream: 'orders', kind: 'blocked', text: 'foreign', remedy: 'look', sha256: 'a3f5'.repeat(16) }],
      },
    },
  },
  {
    ...{ name: 'confirmation', source: 'pages/confirmations/page.tsx', path: '/confirmations', submit: 'Confirm' },
    ...{ open: whole, bad: [['Reason', 'x', REASON_FAULT]] },
    also: {
      '/api/confirmations': {
        waiting: [
          {
            ...{ signalId: '2013-10-07/open/SIMX', strategy: 'open', symbol: 'SIMX', side: 'buy', quantity: '5' },
            ...{ price: '10.00', cost: '50.00', askedAt: AT, expiresAt: AT },
          },
        ],
      },
    },
  },
];

/** Forms behind the log-in. Those before it are tested in ui-setup and ui-forms, those of the settings below the table. */
export const FORMS: readonly UiForm[] = [...MONEY, ...USERS, ...BOT];
