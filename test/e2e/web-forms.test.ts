import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { Secret, TOTP } from 'otpauth';
import type { Locator, Page } from 'playwright-core';
import { answersOf } from '../contract/web/support/worker-answers.js';
import { describeNeeding } from '../support/needs.js';
import { provisionTestHome } from '../support/provision.js';
import { firstAdmin, moveTo, PASSWORD, startTestWeb, type TestWeb } from '../support/web.js';
import { removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';
import { chromiumBrowser, fitsAPhone, WatchedBrowser } from './support/browser.js';

describeNeeding(chromiumBrowser)('every form of the pages', () => {
  const browser = new WatchedBrowser();
  let web: TestWeb;
  let page: Page;

  const press = (name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click();
  const pressIn = (name: string): Promise<void> =>
    page.locator('dialog').getByRole('button', { name, exact: true }).click();
  const good = (text: string): Promise<void> => page.locator('.note.is-good', { hasText: text }).waitFor();
  const typed = (label: string): Locator => page.locator('dialog').getByLabel(label, { exact: true });
  const open = (path: string): Promise<unknown> => page.goto(`${web.server.address}${path}`);

  async function logIn(name: string, password: string): Promise<void> {
    await page.locator('h1', { hasText: 'Log in' }).waitFor();
    await page.getByLabel('User name').fill(name);
    await page.getByLabel('Password').fill(password);
    await press('Log in');
  }

  beforeAll(async () => {
    const home = temporaryHome();
    await provisionTestHome(home);
    web = await startTestWeb({ home, answer: answersOf(home) });
    await firstAdmin(web);
    await moveTo(web, 'idle');
    ({ page } = await browser.visit(web.server.address));
    await open('/');
    await logIn('admin', PASSWORD);
    await page.locator('h1 .pill', { hasText: 'idle' }).waitFor();
  });

  afterAll(async () => {
    await browser.close();
    await web.stop();
    removeTemporaryHomes();
  });

  test('users: create, change the role, disable with a reason, enable', async () => {
    await page.getByRole('link', { name: 'Users' }).click();
    await press('New user');
    await page.getByLabel('User name').fill('bob');
    const suggested = await page.getByLabel('One-time password').inputValue();
    expect(suggested).toMatch(/^[a-z2-9]{5}(-[a-z2-9]{5}){3}$/);
    await page.getByLabel('One-time password').fill('short');
    await pressIn('Create user');
    await page.locator('dialog .note.is-bad').waitFor();
    await page.getByLabel('One-time password').fill('nine-Violins-88-otter');
    await pressIn('Create user');
    const row = page.locator('tbody tr', { hasText: 'bob' });
    await row.getByText('viewer').waitFor();
    await row.getByRole('button').click();
    await page.getByLabel('Role').selectOption('operator');
    await pressIn('Save role');
    await row.getByText('operator').waitFor();
    await row.getByRole('button').click();
    await pressIn('Disable');
    await page.locator('dialog .note.is-bad').waitFor();
    await page.getByLabel('Reason').fill('on holiday');
    await pressIn('Disable');
    await row.getByText('disabled').waitFor();
    await row.getByRole('button').click();
    await page.getByLabel('Reason').fill('back');
    await pressIn('Enable');
    await row.getByText('active').waitFor();
    expect(await fitsAPhone(page)).toBe(true);
  });

  test('secrets: a wrong value names its field; a valid one is stored and never shown', async () => {
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByRole('button', { name: 'Change Mail server' }).click();
    await typed('Port').fill('99999');
    await typed('Server').fill('mail.example');
    await typed('Sender').fill('bot@mail.example');
    await typed('User').fill('bot');
    await typed('Password').fill('hunter2-canary');
    await pressIn('Save');
    await page.locator('dialog .fault', { hasText: 'port' }).waitFor();
    await typed('Port').fill('587');
    await pressIn('Save');
    await good('Saved and encrypted with new keys.');
    await page.locator('#secrets tr', { hasText: 'Mail server' }).getByText('5 set').waitFor();
    expect(await page.content()).not.toContain('hunter2-canary');
    await press('Rotate keys');
    await good('Keys rotated: generation');
    const row = page.locator('#secrets tr', { hasText: 'Accounting' });
    await row.getByText('Not used in this version.').waitFor();
    await press('Destroy earlier keys');
    await page.getByLabel('Reason').fill('a password leaked');
    await pressIn('Destroy');
    await good('Earlier generations destroyed: generation');
    await page.getByText('No earlier generation is kept.').waitFor();
  });

  test('logs: the end, older lines, search, download', async () => {
    const lines = Array.from({ length: 450 }, (_, n) => `line ${n} ${n === 7 ? 'needle' : ''}`);
    mkdirSync(web.context.base.output.systemLogs, { recursive: true });
    writeFileSync(web.context.base.output.systemLog('main_bot'), `${lines.join('\n')}\n`);
    await page.getByRole('link', { name: 'Logs' }).click();
    const shown = page.locator('pre.log');
    await shown.filter({ hasText: 'line 449' }).waitFor();
    await press('Older lines');
    await shown.filter({ hasText: 'line 249' }).waitFor();
    await page.getByLabel('Search').fill('needle');
    await page.keyboard.press('Enter');
    await shown.filter({ hasText: 'line 7 needle' }).waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'), press('Download')]);
    expect(download.suggestedFilename()).toMatch(/^main_bot/);
  });

  test('tests: a run is requested', async () => {
    await page.getByRole('link', { name: 'Tests' }).click();
    await page.getByLabel('Test', { exact: true }).selectOption('env_bot');
    await press('Run');
    await good('env bot requested.');
  });

  test('tokens: shown once, listed, revoked', async () => {
    await page.getByRole('link', { name: 'admin', exact: true }).click();
    await press('New token');
    await page.getByLabel('Label').fill('nightly');
    await pressIn('Create token');
    const token = await page.locator('dialog pre').innerText();
    const asked = await web.client().get('/api/status', { headers: { Authorization: `Bearer ${token}` } });
    expect(asked.at('code')).toBe('NO_STATUS_YET');
    await pressIn('Done');
    await page.getByRole('cell', { name: 'nightly', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Revoke nightly' }).click();
    await page.getByText('None.').waitFor();
    expect((await web.client().get('/api/status', { headers: { Authorization: `Bearer ${token}` } })).status).toBe(401);
  });

  test('second factor: enrolled by code, required at the next login, switched off', async () => {
    await press('Turn on');
    const secret = (await page.locator('dialog .mono').innerText()).trim();
    const codeIn = (seconds: number): string =>
      new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + seconds * 1_000 });
    await page.getByLabel('Code in the app').fill('000000');
    await pressIn('Confirm');
    await page.locator('dialog .note.is-bad').waitFor();
    await page.getByLabel('Code in the app').fill(`${codeIn(0)} ${codeIn(30)}`);
    await pressIn('Confirm');
    const recovery = (await page.locator('dialog pre').innerText()).split('\n');
    expect(recovery.length).toBeGreaterThan(5);
    await pressIn('Done');
    await press('Turn off');
    await pressIn('Cancel');
    await press('Log out');
    await logIn('admin', PASSWORD);
    await page.getByLabel('Code of the second factor').fill(recovery[0] ?? '');
    await press('Log in');
    await page.getByRole('link', { name: 'admin', exact: true }).click();
    await press('Turn off');
    await pressIn('Turn off');
    await page.getByRole('button', { name: 'Turn on' }).waitFor();
  });

  test('password: the current one must be right, and the new one applies', async () => {
    await page.getByLabel('Current password').fill('not-this-one-77');
    await page.getByLabel('New password').fill('seven-Otters-12-piano');
    await press('Change password');
    await page.locator('.note.is-bad').waitFor();
    await page.getByLabel('Current password').fill(PASSWORD);
    await press('Change password');
    await page.locator('.note.is-bad').waitFor({ state: 'detached' });
    await press('Log out');
    await logIn('admin', 'seven-Otters-12-piano');
    await page.locator('h1 .pill', { hasText: 'idle' }).waitFor();
    await press('Log out');
  });

  test('a login that has to wait says so, and then continues by itself', async () => {
    await page.context().clearCookies();
    // until the wait is long enough for a browser on a busy machine to meet it
    for (let n = 0, seconds = 0; n < 30 && seconds < 7; n += 1) {
      const failed = await web.client().login('admin', 'not-this-one-77');
      seconds = Number(failed.headers['retry-after'] ?? 0);
      if (seconds < 7) await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    }
    await logIn('admin', 'seven-Otters-12-piano');
    await page.getByText(/Trying again in \d+ seconds/).waitFor();
    await page.locator('h1 .pill', { hasText: 'idle' }).waitFor();
    await press('Log out');
  });

  test('an invalid reset says why, and its token is removed from the address', async () => {
    await press('Forgot your password or lost your phone?');
    await page.getByText('npx tradebot users repair --admin NAME').waitFor();
    expect(await fitsAPhone(page)).toBe(true);
    await page.getByLabel('E-mail address of your account').fill('a@example.org');
    await press('Send link');
    await page.locator('.note').first().waitFor();
    await open('/reset#token=abcdefghijklmnopqrstuvwxyz0123456789');
    await page.getByLabel('New password').fill('nine-Violins-88-otter');
    expect(page.url()).not.toContain('abcdef');
    await press('Save');
    await page.locator('.note.is-bad').waitFor();
    await open('/reset');
    await page.getByText('has no token').waitFor();
  });

  test('a bot in error shows what to fix; a bot that shuts down says so', async () => {
    await open('/');
    await logIn('bob', 'nine-Violins-88-otter');
    await page.getByText('An admin chose your password.').waitFor();
    await page.getByLabel('Current password').fill('nine-Violins-88-otter');
    await page.getByLabel('New password').fill('eight-Trumpets-17-lemon');
    await press('Change password');
    await page.getByText('An admin chose your password.').waitFor({ state: 'detached' });
    await page.goto(`${web.server.address}/`);
    await moveTo(web, 'error');
    await page.locator('h1 .pill', { hasText: 'error' }).waitFor();
    expect(await page.getByRole('button', { name: 'Start' }).isEnabled()).toBe(true);
    expect(await page.getByRole('link', { name: 'Settings' }).count()).toBe(0);
    await moveTo(web, 'shutdown_triggered');
    await page.locator('h1', { hasText: 'Shutting down' }).waitFor();
    expect([browser.errors, browser.elsewhere]).toEqual([[], []]);
  });
});
