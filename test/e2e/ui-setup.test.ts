import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import { EsdbDouble } from '../support/esdb-double/double.js';
import { describeNeeding } from '../support/needs.js';
import { axe } from './support/axe.js';
import { chromiumBrowser, fitsAPhone, WatchedBrowser } from './support/browser.js';
import { findMismatch, recordMarketData, tripKillSwitch } from './support/as-engine.js';
import { LiveBot, PASSWORD, WorldClock } from './support/live-bot.js';
import { buildOnce, removeScratch, scratchFolder } from './support/program.js';
import { openWithin, settled } from './support/ui-bot.js';

/** A Saturday: nothing trades, so only the user changes the state. */
const SATURDAY = '2013-10-05T15:00:00.000Z';

describeNeeding(chromiumBrowser)('a person with a browser, from a new home on', () => {
  const bot = new LiveBot(scratchFolder(), new WorldClock(SATURDAY, 1));
  const browser = new WatchedBrowser();
  let page: Page;
  let base: string;

  const heading = (text: string, on = page): Promise<void> => on.getByRole('heading', { name: text }).first().waitFor();
  const press = (name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click();
  const looksRight = async (): Promise<void> => {
    // What the bar half covers is too small a target.
    await page.evaluate('scrollTo(0, 0)');
    expect(await axe(page)).toEqual([]);
    expect(await fitsAPhone(page)).toBe(true);
  };

  beforeAll(async () => {
    await buildOnce();
    await bot.start();
    base = bot.address;
    ({ page } = await browser.visit(base));
  });

  afterAll(async () => {
    await browser.close();
    await bot.stop();
    await removeScratch();
  });

  test('a wrong token is refused, and the right one leads to the choice', async () => {
    await page.goto(`${base}/app/`);
    await page.getByLabel('Set-up token', { exact: true }).fill('guessed');
    await press('Continue');
    await page.getByRole('alert').filter({ hasText: 'The set-up token is wrong.' }).waitFor();
    await looksRight();
    await page.getByLabel('Set-up token', { exact: true }).fill(` ${bot.setupToken} `);
    await press('Continue');
    await page.getByRole('button', { name: 'Start with the simulator' }).waitFor();
    await looksRight();
  });

  test('a step shows its faults while one types and stays until they are gone; what was typed stays', async () => {
    await press('Begin');
    await heading('Identity');
    await page.getByLabel('Entity').fill('not a code');
    await page.getByText('capital letters or digits', { exact: false }).nth(1).waitFor();
    await press('Next');
    await page.getByRole('alert').filter({ hasText: 'One field needs a change.' }).waitFor();
    await looksRight();
    await page.getByLabel('Entity').fill('DEMO');
    await page.getByRole('alert').waitFor({ state: 'detached' });
    await press('Next');
    await heading('Broker');
    await page.getByLabel('Broker').selectOption('ALPACA');
    await page.getByRole('status').filter({ hasText: 'treat it as LIVE' }).waitFor();
    await looksRight();
    await page.getByLabel('Broker').selectOption('SIM');
    await press('Next');
    await heading('Trading');
    await page.goBack();
    await heading('Broker');
    await page.goBack();
    await heading('Identity');
    expect(await page.getByLabel('Entity').inputValue()).toBe('DEMO');
    await page.goForward();
    await heading('Broker');
    await page.goForward();
    await heading('Trading');
    expect(page.url()).toBe(`${base}/app/?step=trading`);
    await page.getByLabel('Float').fill('-5');
    await page.locator('[aria-invalid=true]').waitFor();
    await page.getByLabel('Float').fill('2500');
    await page.locator('[aria-invalid=true]').waitFor({ state: 'detached' });
    await press('Next');
  });

  test('a journal server is looked at before anything is created', async () => {
    const double = await EsdbDouble.start({ batchAppend: true });
    await page.getByLabel('An EventStoreDB server').check();
    await page.getByLabel('Server address').fill(`127.0.0.1:${double.port}`);
    await page.getByLabel('Journal encryption').selectOption('none');
    await press('Check the server');
    await page.getByText('The bot can run with this journal.').waitFor();
    await looksRight();
    await page.getByLabel('Journal encryption').selectOption('tls');
    await press('Check the server');
    await page.getByText('speaks without TLS', { exact: false }).waitFor();
    await page.getByLabel('A file in this home').check();
    double.stop();
    await press('Next');
    await page.getByLabel('Seal anchor directory').fill('');
    await press('Next');
    await heading('Review');
    await page.getByText('$2500', { exact: true }).waitFor();
    await page.getByText('DEMO-US-SIM-B01', { exact: true }).waitFor();
    await looksRight();
  });

  test('one click sets up the simulator; another browser is asked for the token before it can make an account', async () => {
    for (let step = 0; step < 6; step += 1) await press('Back');
    await press('Start with the simulator');
    await heading('Create the first account');
    const { page: other } = await browser.visit(base);
    await other.goto(`${base}/app/`);
    await other.getByLabel('Set-up token', { exact: true }).fill('guessed');
    await register(other, PASSWORD, PASSWORD);
    await other.getByText('The set-up token is wrong.').first().waitFor();
    expect(await bot.state()).toBe('registration');
    await other.close();
    await looksRight();
  });

  test('different or weak passwords and an old token are refused; then the bot starts, and the log-in leads to the overview', async () => {
    await page.reload();
    await register(page, PASSWORD, 'another');
    await page.getByText('The passwords do not match.').waitFor();
    expect(await page.getByLabel('User name').inputValue()).toBe('anna');
    await register(page, 'password1234', 'password1234');
    await page.locator('[role=alert], [aria-invalid=true], [data-invalid=true]').first().waitFor();
    // the tab kept the token of an earlier start
    await page.evaluate('sessionStorage.setItem("tradebot.setup-token", "of-the-start-before")');
    await page.reload();
    await register(page, PASSWORD, PASSWORD);
    await page.getByText('The set-up token is wrong.').first().waitFor();
    await page.getByLabel('Set-up token', { exact: true }).fill(` ${bot.setupToken} `);
    await register(page, PASSWORD, PASSWORD);
    await heading('Log in');
    expect(await page.evaluate('sessionStorage.length')).toBe(0);
    await page.getByLabel('User name').fill('anna');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Log in' }).click();
    await state('idle');
  });

  const bar = (): Locator => page.locator('header.bar');
  const state = (text: string): Promise<void> => bar().locator('.pill', { hasText: text }).waitFor();
  const card = (name: string): Locator => page.getByRole('region', { name, exact: true }).first();
  const inDialog = (button: string): Promise<void> =>
    page.getByRole('dialog').getByRole('button', { name: button, exact: true }).click();
  const open = (path: string): Promise<void> => openWithin(page, path);

  test('the bar and the title say which bot it is, that it is simulated, and what time it is there', async () => {
    await page.goto(`${base}/app/`);
    await settled(page);
    expect(await bar().innerText()).toMatch(/SIM\s+DEMO_US_SIM_B01\s+idle/);
    expect(await bar().locator('.environment').getAttribute('title')).toContain('no order reaches a market');
    const clock = bar().locator('.chip', { hasText: 'Clock' });
    expect(await clock.innerText()).toMatch(/Sat 11:\d\d ET/);
    expect(await clock.getAttribute('title')).toMatch(/Saturday 5 October 2013, 11:.* this machine: \d{4}-/);
    await page.waitForFunction("document.title === 'Overview \u2013 SIM DEMO_US_SIM_B01'");
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
  });

  test('the overview says when the bot trades next, why it does not now, and where a figure comes from', async () => {
    await card('Session').getByText('Monday 7 October, 09:30 New York (13:30 UTC), in 2 days').waitFor();
    await card('Session').getByText('The exchange is closed today (a weekend).').waitFor();
    await page.locator('.notice', { hasText: '--master-key-file' }).first().waitFor();
    const float = card('Money').locator('[data-figure=float]');
    await float.filter({ hasText: 'from the first session' }).waitFor();
    await float.click();
    await page.getByRole('dialog', { name: 'Explain' }).getByText('injected into the float').first().waitFor();
    await page.keyboard.press('Escape');
  });

  test('an admin keeps the list of inverse ETFs', async () => {
    await open('/strategies');
    await card('Inverse ETFs').getByRole('button', { name: 'Edit' }).click();
    await page.getByLabel('Entries').fill('spy=sh\n\nQQQ = PSQ');
    await page.getByLabel('Reason (required)').fill('for bearish signals');
    await inDialog('Save');
    await card('Inverse ETFs').getByText('Version 1, by anna').waitFor();
    await card('Inverse ETFs').getByText('PSQ').waitFor();
  });

  const kill = async (): Promise<void> => {
    await bar().getByRole('button', { name: 'Kill' }).click();
    await page.getByLabel('Type KILL to confirm').fill('KILL');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByText('Flat: no orders and no positions are open.').waitFor();
    await inDialog('Close');
    await state('stopped');
  };
  const start = async (): Promise<void> => {
    await bar().getByRole('button', { name: 'Start' }).click();
    await inDialog('Start');
    await state('idle');
  };

  test('after a kill the bot stays stopped until it is started', async () => {
    await open('/');
    await kill();
    await card('Session').getByText('none until you start the bot').waitFor();
    await card('Session').locator('li', { hasText: 'The bot is stopped' }).waitFor();
    await open('/control');
    await page.locator('tbody tr', { hasText: 'obeyed' }).filter({ hasText: 'anna' }).first().waitFor();
    await start();
  });

  test('a tripped kill switch blocks Start until an admin resets it with a reason', async () => {
    await tripKillSwitch(bot.home);
    const tripped = page.locator('.notice-bad', { hasText: 'Kill switch: ' });
    await tripped.filter({ hasText: 'Wait until it is stopped' }).waitFor();
    expect(await tripped.getByRole('button').count()).toBe(0);
    await kill();
    await tripped.getByRole('button', { name: 'Reset' }).click();
    expect(await bar().getByRole('button', { name: 'Start' }).count()).toBe(0);
    await inDialog('Reset');
    await page.getByRole('dialog').locator('[aria-invalid=true]').waitFor();
    await page.getByLabel('Reason (required)').fill('looked into the loss');
    await looksRight();
    await inDialog('Reset');
    await page.locator('.notice', { hasText: 'The bot trades again after a start' }).waitFor();
    await tripped.waitFor({ state: 'detached' });
    await start();
  });

  test('a difference between books and broker shows both amounts, and is resolved by an entry', async () => {
    await findMismatch(bot.home, SATURDAY);
    await open('/reconciliation');
    const shown = page.locator('li', { hasText: 'BM-1' }).first();
    await shown.getByRole('button', { name: 'Resolve' }).click();
    await shown.getByText('An adjusting entry of 5 shares of AIG is booked.').waitFor();
    await shown.getByLabel('Reason (required)').fill('shares that came from another account');
    await looksRight();
    await shown.getByRole('button', { name: 'Resolve' }).click();
    await page.getByText(/BM-1 is resolved by AE-\d+/).waitFor();
    await shown.waitFor({ state: 'detached' });
  });

  test('an entry is booked once its faults are gone, and files are checked against the journal', async () => {
    await open('/books');
    const entry = card('Adjusting entry');
    await entry.getByLabel('Cash received or paid').fill('-0.35');
    await entry.getByLabel('Reason (required)').fill('no');
    await entry.getByRole('button', { name: 'Book entry' }).click();
    await entry.locator('[aria-invalid=true]').first().waitFor();
    await entry.getByLabel('Offsetting account of the cash').selectOption('4055');
    await entry.getByLabel('Reason (required)').fill('fee charged later');
    await entry.getByRole('button', { name: 'Book entry' }).click();
    await entry.getByText(/AE-\d+ is booked\./).waitFor();
    expect(await entry.getByLabel('Cash received or paid').inputValue()).toBe('');
    await page.getByLabel('Files of').selectOption('ledger');
    await page.getByRole('button', { name: 'Check files' }).click();
    await page.locator('tbody tr', { hasText: 'Check, ledger' }).filter({ hasText: 'done' }).first().waitFor();
    await looksRight();
  });

  test('rows of market data that were dropped are shown by rule', async () => {
    await open('/');
    await recordMarketData(bot.home, '2013-10-03', { BAR_BAD_VOLUME: '1', BAR_DUPLICATE: '3', QUOTE_DERIVED: '60' });
    const market = card('Session and market');
    await market
      .getByText('2013-10-03: 60 bars, 4 rows dropped (bar bad volume 1, bar duplicate 3, quote derived 60)')
      .waitFor();
    expect(await market.locator('strong').innerText()).toBe('4 rows dropped');
    expect(await fitsAPhone(page)).toBe(true);
    await recordMarketData(bot.home, '2013-10-04', {});
    await market.getByText('2013-10-04: 60 bars, no rows dropped').waitFor();
  });

  test('after the log-out nothing is shown; the cookie is of this host alone; nothing failed, nothing went elsewhere', async () => {
    const cookie = (await page.context().cookies()).find(({ name }) => name.includes('tradebot_session'));
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
    await page.getByRole('button', { name: 'anna', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Log out' }).click();
    await heading('Log in');
    await page.goto(`${base}/app/settings`);
    await heading('Log in');
    expect(await page.locator('header.bar').count()).toBe(0);
    expect(await page.locator('.environment').innerText()).toBe('SIM');
    expect([browser.errors, browser.elsewhere]).toEqual([[], []]);
  });

  async function register(on: Page, password: string, again: string): Promise<void> {
    await on.getByLabel('User name').fill('anna');
    await on.getByLabel('Password', { exact: true }).fill(password);
    await on.getByLabel('Confirm password', { exact: true }).fill(again);
    await on.getByRole('button', { name: 'Create account' }).click();
  }
});
