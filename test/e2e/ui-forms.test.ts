import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { Secret, TOTP } from 'otpauth';
import type { Locator, Page } from 'playwright-core';
import type { BotIdentity } from '../../src/kernel/identity.js';
import { answersOf } from '../contract/web/support/worker-answers.js';
import { appendSessionOpened } from '../contract/support/session-opened.js';
import { eventually } from '../support/eventually.js';
import { openInbox, resetLinkOf, type Inbox } from '../support/inbox.js';
import { describeNeeding } from '../support/needs.js';
import { provisionTestHome } from '../support/provision.js';
import { firstAdmin, moveTo, PASSWORD, startTestWeb, type TestWeb } from '../support/web.js';
import { removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';
import { axe } from './support/axe.js';
import { chromiumBrowser, fitsAPhone, WatchedBrowser } from './support/browser.js';

const HOUR_MS = 3_600_000;
const OWN = 'seven-Otters-12-piano';
const BY_MAIL = 'walnut-Ferry-31-cobalt';

describeNeeding(chromiumBrowser)('every form of the browser app', () => {
  const browser = new WatchedBrowser();
  let identity: BotIdentity;
  let web: TestWeb;
  let inbox: Inbox;
  let page: Page;

  const press = (name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click();
  const dialog = (name: string): Locator => page.getByRole('dialog', { name, exact: true });
  const row = (text: string): Locator => page.locator('tbody tr', { hasText: text }).first();
  const said = (text: string | RegExp): Promise<void> => page.getByText(text).first().waitFor();
  const refused = (on: Page | Locator = page): Promise<void> =>
    on.locator('form .notice, [aria-invalid=true], [data-invalid=true]').first().waitFor();
  const open = (path: string): Promise<unknown> => page.goto(`${web.server.address}/app${path}`);
  const looksRight = async (): Promise<void> => {
    // What the bar half covers is too small a target.
    await page.evaluate('scrollTo(0, 0)');
    expect(await axe(page)).toEqual([]);
    expect(await fitsAPhone(page)).toBe(true);
  };

  async function logIn(name: string, password: string): Promise<void> {
    await page.getByLabel('User name').fill(name);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await press('Log in');
  }

  async function logOut(name: string): Promise<void> {
    await page.getByRole('button', { name, exact: true }).click();
    await page.getByRole('menuitem', { name: 'Log out' }).click();
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
  }

  const inside = (): Promise<void> => page.locator('header.bar').waitFor();

  beforeAll(async () => {
    inbox = await openInbox();
    const home = temporaryHome();
    const smtp = { SMTP_HOST: '127.0.0.1', SMTP_PORT: '1', SMTP_FROM: 'bot@example.org', SMTP_SECURITY: 'none' };
    ({ identity } = await provisionTestHome(home, { smtp }));
    web = await startTestWeb({ home, answer: answersOf(home) });
    await firstAdmin(web);
    await moveTo(web, 'idle');
    ({ page } = await browser.visit(web.server.address));
    await open('/users');
    await logIn('admin', PASSWORD);
    await inside();
  });

  afterAll(async () => {
    await browser.close();
    await web.stop();
    await inbox.close();
    removeTemporaryHomes();
  });

  test('users: create, change the role, disable with a reason, enable', async () => {
    await press('New user');
    const form = dialog('New user');
    await form.getByLabel('User name').fill('bob');
    expect(await form.getByLabel('One-time password').inputValue()).toMatch(/^[a-z2-9]{5}(-[a-z2-9]{5}){3}$/);
    await form.getByLabel('One-time password').fill('short');
    await form.getByRole('button', { name: 'Create user' }).click();
    await refused(form);
    await form.getByLabel('One-time password').fill('nine-Violins-88-otter');
    await form.getByRole('button', { name: 'Create user' }).click();
    await row('bob').getByText('viewer').waitFor();
    const manage = dialog('Manage bob');
    await press('Manage bob');
    await manage.getByLabel('Role', { exact: true }).selectOption('operator');
    await manage.getByRole('button', { name: 'Save role' }).click();
    await row('bob').getByText('operator').waitFor();
    await press('Manage bob');
    expect(await manage.getByRole('button', { name: 'Disable' }).isDisabled()).toBe(true);
    await manage.getByLabel('Reason').fill('on holiday');
    await manage.getByRole('button', { name: 'Disable' }).click();
    await row('bob').getByText('disabled').waitFor();
    await press('Manage bob');
    await manage.getByLabel('Reason').fill('back');
    await manage.getByRole('button', { name: 'Enable' }).click();
    await row('bob').getByText('active').waitFor();
  });

  test('secrets: a wrong value is refused at its field; a valid one is stored and never shown', async () => {
    await open('/secrets');
    // What has no value yet is set, not replaced.
    await row('Screener providers').getByRole('button', { name: 'Set Screener providers' }).waitFor();
    await press('Replace Mail server');
    const form = dialog('Replace Mail server');
    const typed = (label: string): Locator => form.getByLabel(label, { exact: true });
    await typed('Port').fill('99999');
    await typed('User').fill('bot');
    await typed('Password').fill('hunter2-canary');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.locator('[aria-invalid=true]').first().waitFor();
    expect(await typed('Password').inputValue()).toBe('hunter2-canary');
    await typed('Port').fill(String(inbox.port));
    await form.getByRole('button', { name: 'Save' }).click();
    await said('Mail server saved, and everything encrypted with new keys.');
    await row('Mail server').getByText('6 fields set').waitFor();
    expect(await page.content()).not.toContain('hunter2-canary');
    await press('Rotate keys');
    await dialog('Rotate all keys?').getByRole('button', { name: 'Rotate keys' }).click();
    await said(/Keys rotated: generation \d+/);
    await press('Destroy earlier keys');
    const destroy = dialog('Destroy earlier keys');
    await destroy.getByLabel('Reason (required)').fill('a password leaked');
    await destroy.getByRole('button', { name: 'Destroy', exact: true }).click();
    await said('Earlier generations destroyed: generation');
    await said('none kept');
  });

  test('logs: the end, older lines, search, download', async () => {
    const lines = Array.from({ length: 450 }, (_, n) => `line ${n} ${n === 7 ? 'needle' : ''}`);
    mkdirSync(web.context.base.output.systemLogs, { recursive: true });
    writeFileSync(web.context.base.output.systemLog('main_bot'), `${lines.join('\n')}\n`);
    await open('/log?log=main_bot');
    await row('line 449').waitFor();
    await press('Load more');
    // Older lines come by the button, and by themselves when the end of the table is in sight.
    await said(/^4[05]0 rows$/);
    await page.getByLabel('Lines that contain').fill('needle');
    await row('line 7 needle').waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'), press('Download')]);
    expect(download.suggestedFilename()).toBe('main_bot.log');
  });

  test('tests: a run is requested', async () => {
    await open('/tests');
    await page.getByLabel('Test', { exact: true }).selectOption('env_bot');
    await press('Run');
    await said('Env bot requested.');
  });

  test('tokens: shown once, listed, revoked', async () => {
    await open('/account');
    await press('New token');
    await dialog('New token').getByLabel('Label').fill('nightly');
    await press('Create token');
    const headers = { Authorization: `Bearer ${await dialog('Token').locator('pre').innerText()}` };
    expect((await web.client().get('/api/status', { headers })).at('code')).toBe('NO_STATUS_YET');
    await press('Done');
    await row('nightly').waitFor();
    await press('Revoke nightly');
    await row('nightly').waitFor({ state: 'detached' });
    expect((await web.client().get('/api/status', { headers })).status).toBe(401);
  });

  test('second factor: enrolled by code, required at the next log-in, switched off', async () => {
    await press('Turn on');
    const enrol = dialog('Second factor');
    const secret = (await enrol.locator('pre').innerText()).trim();
    const codeIn = (seconds: number): string =>
      new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + seconds * 1_000 });
    await enrol.getByLabel('Code in the app').fill('000000');
    await press('Confirm');
    await refused(enrol);
    await enrol.getByLabel('Code in the app').fill(`${codeIn(0)} ${codeIn(30)}`);
    await press('Confirm');
    const recovery = (await dialog('Recovery codes').locator('pre').innerText()).split('\n');
    expect(recovery.length).toBeGreaterThan(5);
    await press('Done');
    await logOut('admin');
    await logIn('admin', PASSWORD);
    await page.getByLabel('Code of the second factor').fill(recovery[0] ?? '');
    await press('Log in');
    await inside();
    await press('Turn off');
    await dialog('Turn off the second factor?').getByRole('button', { name: 'Turn off' }).click();
    await page.getByRole('button', { name: 'Turn on' }).waitFor();
  });

  test('password: the current one must be right, and the new one applies', async () => {
    await page.getByLabel('Current password').fill('not-this-one-77');
    await page.getByLabel('New password').fill(OWN);
    await press('Change password');
    await refused();
    await page.getByLabel('Current password').fill(PASSWORD);
    await press('Change password');
    await said('Password changed.');
    await logOut('admin');
    await logIn('admin', OWN);
    await inside();
    await logOut('admin');
  });

  test('a log-in that has to wait says so, and then continues by itself', async () => {
    await page.context().clearCookies();
    // until the wait is long enough for a browser on a busy machine to meet it
    for (let n = 0, seconds = 0; n < 30 && seconds < 7; n += 1) {
      const failed = await web.client().login('admin', 'not-this-one-77');
      seconds = Number(failed.headers['retry-after'] ?? 0);
      if (seconds < 7) await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    }
    await logIn('admin', OWN);
    await said(/Trying again in \d+ seconds/);
    await inside();
    await logOut('admin');
  });

  test('a forgotten password: the mailed link sets a new one, once, and its token leaves the address', async () => {
    await page.getByRole('link', { name: 'Forgot your password or lost your phone?' }).click();
    await said('npx tradebot users repair --admin NAME');
    await looksRight();
    await page.getByLabel('Email address of your account').fill('a@example.org');
    await press('Send link');
    await said('If an account has this address, a link was sent to it.');
    await eventually('the mail', () => resetLinkOf(inbox.mails.at(-1)) !== undefined);
    const { link, token } = resetLinkOf(inbox.mails.at(-1)) ?? { link: '', token: '' };
    await page.goto(link);
    await page.getByLabel('New password').fill('short');
    expect(page.url()).toBe(`${web.server.address}/app/reset`);
    await looksRight();
    await press('Save');
    await refused();
    await page.getByLabel('New password').fill(BY_MAIL);
    await press('Save');
    await said('Your password is changed.');
    await page.getByRole('link', { name: 'Log in' }).click();
    await logIn('admin', BY_MAIL);
    await inside();
    await page.goto('about:blank');
    await page.goto(link);
    await page.getByLabel('New password').fill(OWN);
    await press('Save');
    await refused();
    await open('/reset');
    await said('This address has no token.');
    expect(JSON.stringify([web.log.requests, web.log.notes, web.log.failures])).not.toContain(token);
  });

  test('settings in a session: a fault at its field; a cold change waits with its author, and is withdrawn', async () => {
    const { journal } = web.context.open();
    await appendSessionOpened(journal, identity, web.context.clock.now() + HOUR_MS);
    await open('/settings');
    const field = (key: string): Locator => page.locator(`[data-key=${key}]`);
    await field('MAX_OPEN_POSITIONS').locator('input').fill('many');
    await press('Review changes');
    await field('MAX_OPEN_POSITIONS').getByText('whole number').nth(1).waitFor();
    await press('Discard changes');
    await field('TOTAL_ALLOCATION').locator('input').fill('0.03');
    await press('Review changes');
    const review = dialog('Save these changes?');
    await review.getByText('with the next session').waitFor();
    await review.getByLabel('Reason').fill('more capital');
    await review.getByRole('button', { name: 'Save' }).click();
    const pending = page.getByRole('region', { name: 'Waiting for the next session' }).first();
    await pending.waitFor();
    const text = await pending.innerText();
    for (const words of ['TOTAL_ALLOCATION', '0.02', '0.03', 'admin', 'more capital']) expect(text).toContain(words);
    await field('TOTAL_ALLOCATION').getByText('0.03 from the next session').waitFor();
    expect(await field('TOTAL_ALLOCATION').locator('input').inputValue()).toBe('0.02');
    await looksRight();
    await press('Withdraw TOTAL_ALLOCATION');
    await dialog('Withdraw this pending change?').getByRole('button', { name: 'Save' }).click();
    await pending.waitFor({ state: 'detached' });
  });

  test('an end of all trading is saved only when it is confirmed in words; the history has all of it', async () => {
    await page.locator('#setting-DISABLE_ALL_TRADES').press('Space');
    await press('Review changes');
    const review = dialog('Save these changes?');
    await review.getByText('These settings end all trading').waitFor();
    await review.getByRole('button', { name: 'Save' }).click();
    await review.getByText('or go back and change the settings').waitFor();
    await review.getByLabel('Type NO TRADING to confirm').fill('no trading');
    await review.getByRole('button', { name: 'Save' }).click();
    await review.waitFor({ state: 'detached' });
    await press('History');
    await page.locator('tbody tr', { hasText: 'confirmed: DISABLE_ALL_TRADES is true' }).first().waitFor();
    await page.locator('tbody tr', { hasText: 'TOTAL_ALLOCATION' }).filter({ hasText: 'withdrawn' }).first().waitFor();
    await page.locator('tbody tr', { hasText: 'more capital' }).filter({ hasText: 'pending' }).first().waitFor();
  });

  test('a password that an admin chose is replaced first; a bot in error, and one that goes down, say so', async () => {
    await logOut('admin');
    await logIn('bob', 'nine-Violins-88-otter');
    await said('An admin chose your password.');
    await page.getByLabel('Current password').fill('nine-Violins-88-otter');
    await page.getByLabel('New password').fill('eight-Trumpets-17-lemon');
    await press('Change password');
    await inside();
    expect(await page.getByRole('link', { name: 'Settings' }).count()).toBe(0);
    await open('/');
    await moveTo(web, 'error');
    await said('The bot is in the state error');
    expect(await page.getByRole('button', { name: 'Start' }).first().isEnabled()).toBe(true);
    await moveTo(web, 'shutdown_triggered');
    await said('The bot is in the state shutdown triggered');
    await page.getByRole('link', { name: 'Cause and remedy' }).click();
    await page.getByRole('heading', { name: 'Shutting down' }).waitFor();
    expect([browser.errors, browser.elsewhere]).toEqual([[], []]);
  });
});
