import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { EsdbDouble } from '../support/esdb-double/double.js';
import { describeNeeding } from '../support/needs.js';
import { axe } from './support/axe.js';
import { chromiumBrowser, fitsAPhone, WatchedBrowser } from './support/browser.js';
import { LiveBot, PASSWORD, WorldClock } from './support/live-bot.js';
import { buildOnce, removeScratch, scratchFolder } from './support/program.js';

const SATURDAY = '2013-10-05T15:00:00.000Z';

describeNeeding(chromiumBrowser)('the browser app, from a new home to its first page', () => {
  const bot = new LiveBot(scratchFolder(), new WorldClock(SATURDAY, 1));
  const browser = new WatchedBrowser();
  let page: Page;
  let base: string;

  const heading = (text: string, on = page): Promise<void> => on.getByRole('heading', { name: text }).first().waitFor();
  const press = (name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click();
  const looksRight = async (): Promise<void> => {
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
    await page.getByLabel('Broker').selectOption('ALPACA');
    await page.getByRole('status').filter({ hasText: 'treat it as LIVE' }).waitFor();
    await looksRight();
    await page.getByLabel('Broker').selectOption('SIM');
    await press('Next');
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

  test('different passwords are refused at their field; then the bot starts, and the log-in leads to the overview', async () => {
    await page.reload();
    await register(page, PASSWORD, 'another');
    await page.getByText('The passwords do not match.').waitFor();
    expect(await page.getByLabel('User name').inputValue()).toBe('anna');
    await register(page, PASSWORD, PASSWORD);
    await heading('Log in');
    expect(await page.evaluate('sessionStorage.length')).toBe(0);
    await page.getByLabel('User name').fill('anna');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.locator('header.bar').waitFor();
    expect([browser.errors, browser.elsewhere]).toEqual([[], []]);
  });

  async function register(on: Page, password: string, again: string): Promise<void> {
    await on.getByLabel('User name').fill('anna');
    await on.getByLabel('Password', { exact: true }).fill(password);
    await on.getByLabel('Confirm password', { exact: true }).fill(again);
    await on.getByRole('button', { name: 'Create account' }).click();
  }
});
