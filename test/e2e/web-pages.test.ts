import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { BrowserContext, Locator, Page } from 'playwright-core';
import { SystemClock } from '../../src/adapters/clock/system-clock.js';
import { openHome } from '../../src/adapters/home/home.js';
import { SqliteJournal } from '../../src/adapters/journal-sqlite/sqlite-journal.js';
import { EventAppender } from '../../src/app/journal/event-appender.js';
import { STREAMS } from '../../src/events/streams.js';
import { Decimal } from '../../src/kernel/decimal.js';
import { sha256Hex } from '../../src/kernel/hash.js';
import { epochMs, parseDateText, toUtcText } from '../../src/kernel/time.js';
import { parseSymbol } from '../../src/events/names.js';
import { EsdbDouble } from '../support/esdb-double/double.js';
import { describeNeeding } from '../support/needs.js';
import { chromiumBrowser, fitsAPhone, WatchedBrowser } from './support/browser.js';
import { LiveBot, WorldClock } from './support/live-bot.js';
import { buildOnce, scratchFolder } from './support/program.js';

const PASSWORD = 'plum-Orbit-77-lantern';
/** A Saturday: nothing trades, so only the user changes the state. */
const SATURDAY = '2026-01-10T15:00:00Z';

/** Appends an event as the engine does. */
async function asEngine(home: string, act: (appender: EventAppender) => Promise<unknown>): Promise<void> {
  const { paths, identity } = openHome({ dir: home, create: false, version: '0' });
  const clock = new SystemClock();
  const journal = SqliteJournal.open({ path: paths.storage.journalDb, clock });
  try {
    await act(new EventAppender({ journal, clock, identity, actor: 'system:engine' }));
  } finally {
    await journal.close();
  }
}

const tripKillSwitch = (home: string): Promise<void> =>
  asEngine(home, (appender) =>
    appender.append(STREAMS.risk, [
      {
        ...{ type: 'KillSwitchTripped', data: { code: 'DAILY_LOSS_LIMIT', figures: {} } },
        ...{ correlationId: 'risk', causationId: null },
      },
    ]),
  );

const FIVE = Decimal.of(5).shortText();

const findMismatch = (home: string): Promise<void> =>
  asEngine(home, (appender) =>
    appender.append(STREAMS.accounting, [
      {
        type: 'BooksMismatchFound',
        data: {
          ...{ mismatchId: 'BM-1', subject: 'position', kind: 'unknown_position', symbol: parseSymbol('AIG') },
          ...{ brokerSymbol: null, books: Decimal.ZERO.shortText(), broker: FIVE, delta: FIVE, replaces: null },
          brokerPrice: Decimal.parse('20.50').shortText(2),
          ...{ occasion: 'schedule', firstSeenAt: toUtcText(epochMs(Date.parse(SATURDAY))) },
        },
        ...{ correlationId: 'reconciliation', causationId: null },
      },
    ]),
  );

const recordMarketData = (home: string, day: string, findings: Readonly<Record<string, string>>): Promise<void> =>
  asEngine(home, (appender) => {
    const date = parseDateText(day);
    const recorded = { date, name: `${day}.csv.gz`, bars: 60, quotes: 60, sha256: sha256Hex(day), findings };
    return appender.append(STREAMS.session(date), [
      { type: 'MarketDataRecorded', data: recorded, correlationId: `session-${day}`, causationId: null },
    ]);
  });

describeNeeding(chromiumBrowser)('a person with a browser, starting with a new home', () => {
  const bot = new LiveBot(scratchFolder(), new WorldClock(SATURDAY, 1));
  const browser = new WatchedBrowser();
  let page: Page;
  let context: BrowserContext;
  let base: string;

  const heading = (text: string): Promise<void> => page.locator('h1', { hasText: text }).waitFor();
  const state = (text: string): Promise<void> => page.locator('h1 .pill', { hasText: text }).waitFor();
  const problem = (): Promise<string> => page.locator('.note.is-bad').first().innerText();
  const trading = (): Locator => page.getByRole('region', { name: 'Trading now' });
  const next = (text: string): Promise<void> => trading().getByText(`Next session: ${text}`).waitFor();
  const bar = (): Locator => page.locator('#bot');
  const press = (name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click();

  beforeAll(async () => {
    await buildOnce();
    await bot.start();
    base = /http:\/\/127\.0\.0\.1:\d+/.exec(bot.printed)?.[0] ?? '';
    ({ page, context } = await browser.visit(base));
  });

  afterAll(async () => {
    await browser.close();
    await bot.stop();
  });

  test('a wrong token is refused; the right one and one click set up the simulator', async () => {
    await page.goto(`${base}/`);
    await heading('Set up your bot');
    await page.getByLabel('Set-up token').fill('guessed');
    await press('Continue');
    expect(await problem()).toContain('The set-up token is wrong.');
    expect(await bot.state()).toBe('initialize');
    await page.getByLabel('Set-up token').fill(bot.setupToken);
    await press('Continue');
    await page.getByRole('button', { name: 'Start with the simulator' }).waitFor();
    expect(await fitsAPhone(page)).toBe(true);
  });

  test('the whole form shows faults while typing, and all of them on submit', async () => {
    await press('Fill in the form');
    // copies of the seals outside the home are the proposed answer; an empty field is a plain no
    expect(await page.getByLabel('Seal anchor directory').inputValue()).toMatch(/^\/.+-seals$/);
    await page.getByLabel('Seal anchor directory').fill('not absolute');
    await page.locator('.fault', { hasText: 'absolute path of a directory outside the home' }).waitFor();
    await page.getByLabel('Seal anchor directory').fill('');
    await page.getByLabel('Entity').fill('not a code');
    await page.locator('.fault', { hasText: 'capital letters' }).waitFor();
    await page.getByLabel('Float').fill('-5');
    await press('Set up');
    await page.locator('.note.is-bad').waitFor();
    expect(await page.locator('[aria-invalid=true]').count()).toBe(2);
    expect(await fitsAPhone(page)).toBe(true);
    const double = await EsdbDouble.start({ batchAppend: true });
    await page.getByLabel('Journal', { exact: true }).selectOption('server');
    await page.getByLabel('Server address').fill(`127.0.0.1:${double.port}`);
    await page.getByLabel('Entity').fill('DEMO');
    await page.getByLabel('Journal encryption').selectOption('none');
    await press('Check');
    await page.locator('.note.is-good', { hasText: 'can run with this journal' }).waitFor();
    await page.getByLabel('Journal encryption').selectOption('tls');
    await press('Check');
    await page.locator('td', { hasText: 'speaks without TLS' }).waitFor();
    expect(await fitsAPhone(page)).toBe(true);
    double.stop();
    await press('Back');
    await press('Start with the simulator');
    await heading('Create the first account');
    expect(await bot.state()).toBe('registration');
  });

  const register = async (on: Page, password: string, again: string): Promise<void> => {
    await on.getByLabel('User name').fill('anna');
    await on.getByLabel('Password', { exact: true }).fill(password);
    await on.getByLabel('Confirm password').fill(again);
    await on.getByRole('button', { name: 'Create account' }).click();
  };

  test('the first account: an outsider is asked for the token, and a guess creates no admin', async () => {
    const { page: other } = await browser.visit(base);
    await other.goto(`${base}/`);
    const token = other.getByLabel('Set-up token');
    await token.waitFor();
    expect(await fitsAPhone(other)).toBe(true);
    for (const [guess, answer] of [
      ['', 'The set-up token is missing.'],
      ['guessed', 'The set-up token is wrong.'],
    ] as const) {
      await token.fill(guess);
      await register(other, PASSWORD, PASSWORD);
      await other.locator('.fault', { hasText: answer }).waitFor();
      expect(await other.locator('.note.is-bad').innerText()).toContain('printed where the bot was started');
    }
    expect(await bot.state()).toBe('registration');
    await other.close();
  });

  test('the setup tab keeps its token; different or weak passwords are refused, then the bot starts', async () => {
    const token = page.getByLabel('Set-up token');
    await page.reload();
    await heading('Create the first account');
    expect(await token.isVisible()).toBe(false);
    expect(page.url()).toBe(`${base}/register`);
    await register(page, PASSWORD, 'another');
    await page.locator('.fault', { hasText: 'do not match' }).waitFor();
    await register(page, 'password1234', 'password1234');
    await page.locator('.note.is-bad').waitFor();
    // as after a restart of TradeBot
    await page.evaluate('sessionStorage.setItem("tradebot.setup-token", "of-the-start-before")');
    await page.reload();
    await register(page, PASSWORD, PASSWORD);
    await page.locator('.fault', { hasText: 'set-up token is wrong' }).waitFor();
    await token.fill(` ${bot.setupToken} `);
    await register(page, PASSWORD, PASSWORD);
    await heading('Log in');
    expect(await page.evaluate('sessionStorage.length')).toBe(0);
  });

  test('a wrong password is refused; the right one leads to the overview', async () => {
    await page.getByLabel('User name').fill('anna');
    await page.getByLabel('Password').fill('wrong-wrong-wrong');
    await press('Log in');
    expect(await problem()).toContain('The name or password is wrong.');
    await page.getByLabel('Password').fill(PASSWORD);
    await press('Log in');
    await state('idle');
    for (const name of ['main', 'engine', 'projector', 'web']) {
      await page.getByRole('region', { name: 'Processes' }).getByRole('cell', { name, exact: true }).first().waitFor();
    }
    await page.locator('.note.is-warn', { hasText: '--master-key-file' }).waitFor();
    expect(await fitsAPhone(page)).toBe(true);
  });

  test('a setting: fault, difference, save; the history shows who changed it and why', async () => {
    await page.getByRole('link', { name: 'Settings' }).click();
    const input = page.locator('[data-key=MAX_OPEN_POSITIONS] input');
    await input.fill('many');
    await press('Review changes');
    await page.locator('[data-key=MAX_OPEN_POSITIONS] .fault', { hasText: 'whole number' }).waitFor();
    await input.fill('3');
    await press('Review changes');
    await page.locator('dialog ins', { hasText: '3' }).waitFor();
    await page.getByLabel('Reason').fill('calmer');
    await press('Save');
    await page.locator('.note.is-good', { hasText: 'Saved' }).waitFor();
    const newest = page.locator('#history tbody tr').first();
    await newest.filter({ hasText: 'calmer' }).waitFor();
    expect(await newest.innerText()).toMatch(/anna[\s\S]*MAX_OPEN_POSITIONS 5 \u2192 3/);
    expect(await input.inputValue()).toBe('3');
    expect(await fitsAPhone(page)).toBe(true);
  });

  test('every page says which bot it is, that it is simulated, and what time it is there', async () => {
    for (const path of ['/', '/settings', '/users', '/tests', '/log', '/account']) {
      await page.goto(`${base}${path}`);
      await bar()
        .locator('strong', { hasText: /^DEMO_US_SIM_B01$/ })
        .waitFor();
      expect(await bar().innerText()).toMatch(/SIMULATED\s+no order reaches a market\s+Saturday 10 January 2026, 10:/);
      expect(await page.title()).toMatch(/ \u2013 SIMULATED DEMO_US_SIM_B01$/);
      expect([path, await fitsAPhone(page)]).toEqual([path, true]);
    }
  });

  test('a figure says where it comes from, and a session shows why a symbol was not traded', async () => {
    await page.goto(`${base}/`);
    const float = page.getByRole('region', { name: 'Money' }).locator('div', { hasText: /^Float/ });
    await float.filter({ hasText: '(from the first session)' }).waitFor();
    await float.getByRole('button').press('Enter');
    const answer = page.getByRole('dialog');
    await answer.filter({ hasText: 'tradebot explain float' }).filter({ hasText: 'injected into the float' }).waitFor();
    expect(await fitsAPhone(page)).toBe(true);
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Decisions' }).click();
    await heading('Decisions');
    await page.getByLabel('Session').fill('2026-01-09');
    await press('Show');
    expect(await problem()).not.toBe('');
    expect(await fitsAPhone(page)).toBe(true);
  });

  test('an admin keeps the list of inverse ETFs on the page of the strategies', async () => {
    await page.getByRole('link', { name: 'Strategies' }).click();
    await heading('Strategies');
    const list = page.getByRole('region', { name: 'Inverse ETFs' });
    await list.getByRole('button', { name: 'Edit' }).click();
    await page.getByLabel('Entries').fill('spy=sh\n\nQQQ = PSQ');
    await page.getByLabel('Reason (required)').fill('for bearish signals');
    await press('Save');
    await list.filter({ hasText: 'Version 1' }).filter({ hasText: 'PSQ' }).waitFor();
    expect(await fitsAPhone(page)).toBe(true);
  });

  test('the overview says when the bot trades next, and why it does not trade now', async () => {
    await page.getByRole('link', { name: 'Overview' }).click();
    await next('Monday 12 January, 09:30 New York (14:30 UTC), in 2 days');
    await trading()
      .locator('li', { hasText: 'The exchange is closed today (a weekend). Nothing has to be done.' })
      .waitFor();
    const processes = page.getByRole('region', { name: 'Processes' }).first();
    await processes.filter({ hasText: 'next session 2026-01-12' }).waitFor();
    expect(await processes.innerText()).not.toMatch(/session ,/);
  });

  test('kill needs the typed word; then the bot stays stopped until it is started', async () => {
    await page.getByRole('link', { name: 'Overview' }).click();
    await state('idle');
    await page.getByRole('button', { name: 'Kill' }).click();
    await page.getByLabel('Type KILL to confirm').fill('kill');
    await page.locator('dialog button.danger').click();
    await page.locator('dialog .fault').waitFor();
    expect(await bot.state()).toBe('idle');
    await page.getByLabel('Type KILL to confirm').fill('KILL');
    await page.keyboard.press('Enter');
    await state('stopped');
    await page.locator('p', { hasText: 'anna requested kill: obeyed' }).waitFor();
    await next('none until you start the bot; then: Monday 12 January, 09:30 New York');
    await trading()
      .locator('li', { hasText: /^The bot is stopped: .*Start the bot/ })
      .waitFor();
    await press('Start');
    await state('idle');
  });

  test('a tripped kill switch blocks Start until an admin resets it with a reason, on the page', async () => {
    const tripped = page.locator('.note.is-bad', { hasText: 'The kill switch has tripped' });
    const start = page.getByRole('button', { name: 'Start', exact: true });
    const health = page.getByRole('region', { name: 'Health' });
    await tripKillSwitch(bot.home);
    await tripped.filter({ hasText: 'Wait until it is stopped' }).waitFor();
    expect(await tripped.getByRole('button').count()).toBe(0);
    await page.getByRole('button', { name: 'Kill' }).click();
    await page.getByLabel('Type KILL to confirm').fill('KILL');
    await page.keyboard.press('Enter');
    await state('stopped');
    await health.filter({ hasText: 'Critical' }).filter({ hasText: 'then reset the kill switch' }).waitFor();
    expect(await start.isDisabled()).toBe(true);
    await tripped.getByRole('button').click();
    const reason = page.getByLabel('Reason (required)');
    await page.locator('dialog button.primary').click();
    await page.locator('dialog .fault', { hasText: '3 characters' }).waitFor();
    await reason.fill('looked into the loss');
    expect(await fitsAPhone(page)).toBe(true);
    await page.keyboard.press('Enter');
    await page.locator('.note.is-good', { hasText: 'The bot trades again after a start' }).waitFor();
    await tripped.waitFor({ state: 'detached' });
    await press('Start');
    await state('idle');
    await health.locator('p .pill', { hasText: /^OK$/ }).waitFor();
  });

  test('a difference between books and broker shows both amounts, and is resolved with a reason by an entry', async () => {
    await findMismatch(bot.home);
    const shown = page.locator('.note.is-bad', { hasText: 'BM-1' });
    await shown.getByRole('button').waitFor();
    expect(await shown.innerText()).toContain('books 0, broker 5, difference 5');
    await shown.getByRole('button').click();
    const dialog = page.locator('dialog');
    await dialog.getByLabel('Reason (required)').fill('shares that came from another account');
    expect(await fitsAPhone(page)).toBe(true);
    await dialog.getByRole('button', { name: 'Resolve', exact: true }).click();
    await page.locator('.note.is-good', { hasText: /BM-1 is resolved by AE-\d+/ }).waitFor();
    await shown.waitFor({ state: 'detached' });
  });

  test('rows of market data that were dropped are shown by rule', async () => {
    await recordMarketData(bot.home, '2026-01-08', { BAR_BAD_VOLUME: '1', BAR_DUPLICATE: '3', QUOTE_DERIVED: '60' });
    const line = page.locator('p', { hasText: 'Market data of 2026-01-08' });
    await line.waitFor();
    expect(await line.innerText()).toBe(
      'Market data of 2026-01-08: 60 bars, 4 rows dropped (BAR_BAD_VOLUME 1, BAR_DUPLICATE 3, QUOTE_DERIVED 60)',
    );
    expect(await line.locator('strong').innerText()).toBe('4 rows dropped');
    expect(await fitsAPhone(page)).toBe(true);
    await recordMarketData(bot.home, '2026-01-09', {});
    await page.locator('p', { hasText: 'Market data of 2026-01-09: 60 bars, no rows dropped' }).waitFor();
  });

  test('users, tests, logs and account open, also at the width of a phone', async () => {
    for (const [link, sign] of [
      ['Users', 'Accounts'],
      ['Tests', 'Runs'],
      ['Logs', 'Download'],
      ['anna', 'Tokens for scripts'],
    ] as const) {
      await page.getByRole('link', { name: link, exact: true }).click();
      await page.getByText(sign, { exact: true }).first().waitFor();
      expect([link, await fitsAPhone(page)]).toEqual([link, true]);
      await page.reload();
      await page.getByText(sign, { exact: true }).first().waitFor();
    }
  });

  test('the keyboard reaches the content, and every input has a label', async () => {
    await page.goto(`${base}/`);
    await state('idle');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
    for (const path of ['/settings', '/account', '/log']) {
      await page.goto(`${base}${path}`);
      await page.locator('main input').first().waitFor();
      const nameless = 'document.querySelectorAll("input:not([id]), select:not([id])").length';
      expect([path, await page.evaluate(nameless)]).toEqual([path, 0]);
    }
  });

  test('a session without its CSRF token, or from another origin, changes nothing', async () => {
    const cookie = (await context.cookies()).find(({ name }) => name.includes('tradebot_session'));
    const Cookie = `${cookie?.name ?? ''}=${cookie?.value ?? ''}`;
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
    const forged = await bot.call('POST', '/api/control/stop', {}, { Cookie });
    expect([forged.status, forged.body['code']]).toEqual([403, 'CSRF_TOKEN_NEEDED']);
    const foreign = await bot.call('POST', '/api/control/stop', {}, { Cookie, Origin: 'http://evil.example' });
    expect([foreign.status, foreign.body['code']]).toEqual([403, 'FOREIGN_ORIGIN']);
    expect(await bot.state()).toBe('idle');
  });

  test('after logout nothing is shown; no errors and no requests to other hosts occurred', async () => {
    await press('Log out');
    await heading('Log in');
    await page.goto(`${base}/settings`);
    await heading('Log in');
    expect(await bar().innerText()).toBe('SIMULATED\nno order reaches a market');
    expect(browser.errors).toEqual([]);
    expect(browser.elsewhere).toEqual([]);
  });
});
