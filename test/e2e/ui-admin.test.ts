import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Secret, TOTP } from 'otpauth';
import type { BrowserContext, Locator, Page } from 'playwright-core';
import type { EventType } from '../../src/events/event.js';
import { epochMs } from '../../src/kernel/time.js';
import { answersOf } from '../contract/web/support/worker-answers.js';
import { describeNeeding } from '../support/needs.js';
import { provisionTestHome } from '../support/provision.js';
import { UI_PAGES } from '../support/ui-pages.js';
import { firstAdmin, moveTo, PASSWORD, startTestWeb, userOf, type TestWeb, type WebClient } from '../support/web.js';
import { removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';
import { chromiumBrowser, WatchedBrowser } from './support/browser.js';
import { fillLogIn, goWithin } from './support/ui-bot.js';
import { button } from './support/ui-changes.js';

const GIVEN = 'nine-Violins-88-otter';
const GIVEN_AGAIN = 'ten-Cellos-41-badger';
const MINUTE_MS = 60_000;
/** The clock of the persons stands still: no code runs out on a busy machine. */
const STARTED = Date.now();
/** What a browser says of a request while it is offline. */
const UNREACHED = 'net::ERR_';

describeNeeding(chromiumBrowser)('what an admin changes in the browser app', () => {
  const browser = new WatchedBrowser();
  let web: TestWeb;
  let page: Page;
  let context: BrowserContext;
  let viewer: WebClient;
  let laterMs = 0;

  const row = (text: string): Locator => page.locator('tbody tr', { hasText: text }).first();
  const dialog = (name: string): Locator => page.getByRole('dialog', { name, exact: true });
  const open = async (path: string): Promise<void> => {
    await goWithin(page, { path, title: UI_PAGES.find((one) => one.path === path)?.title ?? '' });
  };
  const types = async (): Promise<readonly EventType[]> =>
    (await web.context.open().journal.readAll({ limit: 1_000_000 })).map(({ type }) => type);
  /** The types of the events that were recorded while something was done. */
  const recordedBy = async (act: () => Promise<void>): Promise<readonly EventType[]> => {
    const before = await types();
    await act();
    return (await types()).slice(before.length);
  };

  beforeAll(async () => {
    const home = temporaryHome();
    await provisionTestHome(home);
    const personalClock = { now: () => epochMs(STARTED + laterMs) };
    web = await startTestWeb({ home, personalClock, answer: answersOf(home) });
    viewer = await userOf(web, await firstAdmin(web), 'viewer');
    await moveTo(web, 'idle');
    ({ page, context } = await browser.visit(web.server.address));
    await page.goto(`${web.server.address}/app/`);
    await fillLogIn(page, 'admin', PASSWORD);
    await page.locator('header.bar').waitFor();
  });

  afterAll(async () => {
    await browser.close();
    await web.stop();
    removeTemporaryHomes();
  });

  test('a user is created with a password for one log-in, once', async () => {
    await open('/users');
    const recorded = await recordedBy(async () => {
      await button(page, 'New user').click();
      await dialog('New user').getByLabel('User name').fill('nora');
      await dialog('New user').getByLabel('One-time password').fill(GIVEN);
      await button(dialog('New user'), 'Create user').click();
      await row('nora').getByText('viewer').waitFor();
    });
    expect(recorded).toEqual(['UserRegistered']);
    const nora = web.client();
    expect((await nora.login('nora', GIVEN)).at('user.mustChangePassword')).toBe(true);
    expect((await nora.get('/api/users')).status).toBe(403);
  });

  test('another role ends the sessions of the user, who has its rights at the next log-in', async () => {
    const nora = web.client();
    await nora.login('nora', GIVEN);
    const recorded = await recordedBy(async () => {
      await button(page, 'Manage nora').click();
      await dialog('Manage nora').getByLabel('Role', { exact: true }).selectOption('operator');
      await button(dialog('Manage nora'), 'Save role').click();
      await row('nora').getByText('operator').waitFor();
    });
    expect(recorded.filter((type) => type === 'UserRoleChanged')).toHaveLength(1);
    expect((await nora.get('/api/auth/session')).status).toBe(401);
    expect((await nora.login('nora', GIVEN)).at('user.role')).toBe('operator');
  });

  test('a one-time password replaces the old one, and ends the sessions', async () => {
    const nora = web.client();
    await nora.login('nora', GIVEN);
    await button(page, 'Manage nora').click();
    const manage = dialog('Manage nora');
    await button(manage, 'Set one-time password').click();
    await manage.getByLabel('One-time password').fill(GIVEN_AGAIN);
    await button(manage, 'Set one-time password').click();
    await page.getByText('nora has a one-time password, and was logged out everywhere.').waitFor();
    expect((await nora.get('/api/auth/session')).status).toBe(401);
    expect((await nora.login('nora', GIVEN)).status).toBe(401);
    expect((await nora.login('nora', GIVEN_AGAIN)).status).toBe(200);
  });

  test('the sessions of a user are listed, and end on request', async () => {
    const nora = web.client();
    await nora.login('nora', GIVEN_AGAIN);
    await button(page, 'Manage nora').click();
    const manage = dialog('Manage nora');
    await manage.getByText('127.0.0.1').first().waitFor();
    await button(manage, 'Log out everywhere').click();
    await page.getByText(/^nora: \d+ sessions? (was|were) ended/).waitFor();
    expect((await nora.get('/api/auth/session')).status).toBe(401);
  });

  test('who may not is refused each of it, and nothing changes', async () => {
    const id = String((await viewer.get('/api/auth/session')).at('user.userId'));
    const asked = [
      await viewer.post('/api/users', { name: 'eve', password: GIVEN, role: 'admin' }),
      await viewer.put(`/api/users/${id}/role`, { role: 'admin' }),
      await viewer.put(`/api/users/${id}/password`, { password: GIVEN }),
      await viewer.delete(`/api/users/${id}/sessions`),
      await viewer.put('/api/secrets/smtp', { fields: { SMTP_HOST: 'elsewhere.example.org' } }),
    ];
    expect(asked.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403]);
    expect((await viewer.get('/api/auth/session')).at('user.role')).toBe('viewer');
    await open('/users');
    expect(await page.locator('tbody tr', { hasText: 'eve' }).filter({ hasText: 'admin' }).count()).toBe(0);
  });

  test('a second factor is turned on, asked for with a real code at the log-in, and turned off', async () => {
    await open('/account');
    await button(page, 'Turn on').click();
    const enrol = dialog('Second factor');
    const secret = Secret.fromBase32((await enrol.locator('pre').innerText()).trim());
    const code = (): string => new TOTP({ secret }).generate({ timestamp: STARTED + laterMs });
    await enrol.getByLabel('Code in the app').fill(code());
    await button(enrol, 'Confirm').click();
    await button(dialog('Recovery codes'), 'Done').click();
    await page.getByRole('button', { name: 'admin', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Log out' }).click();
    // A code works once: the next one comes a little later.
    laterMs += MINUTE_MS;
    await fillLogIn(page, 'admin', PASSWORD);
    const field = page.getByLabel('Code of the second factor');
    await field.fill(code());
    await button(page, 'Log in').click();
    await page.locator('header.bar').waitFor();
    await open('/account');
    await button(page, 'Turn off').click();
    await button(dialog('Turn off the second factor?'), 'Turn off').click();
    await button(page, 'Turn on').waitFor();
  });

  test('a token works until it is revoked; a revocation without a connection is refused at once and not made later', async () => {
    await open('/account');
    await button(page, 'New token').click();
    await dialog('New token').getByLabel('Label').fill('nightly');
    await button(page, 'Create token').click();
    const headers = { Authorization: `Bearer ${await dialog('Token').locator('pre').innerText()}` };
    await button(page, 'Done').click();
    await row('nightly').waitFor();
    const status = async (): Promise<number> => (await web.client().get('/api/users', { headers })).status;
    expect(await status()).toBe(403);
    await context.setOffline(true);
    await button(page, 'Revoke nightly').click();
    await page.getByText('The bot does not respond.').first().waitFor();
    await context.setOffline(false);
    const recorded = await recordedBy(async () => {
      await page.getByText('Connection lost').waitFor({ state: 'detached' });
      expect(await status()).toBe(403);
      await button(page, 'Revoke nightly').click();
      await row('nightly').waitFor({ state: 'detached' });
    });
    expect(recorded.filter((type) => type === 'TokenRevoked')).toHaveLength(1);
    expect(await status()).toBe(401);
  });

  test('a setting shows what it changes before it is saved, and its author afterwards', async () => {
    await open('/settings');
    await page.locator('#setting-MIN_PRICE').fill('7.5');
    await button(page, 'Review changes').click();
    const review = dialog('Save these changes?');
    const shown = review.locator('tbody tr', { hasText: 'MIN_PRICE' });
    await shown.getByText('7.5').waitFor();
    const recorded = await recordedBy(async () => {
      await review.getByLabel('Reason').fill('no penny shares');
      await button(review, 'Save').click();
      await page.getByText('1 setting saved.').waitFor();
    });
    expect(recorded.filter((type) => type === 'ConfigChanged')).toHaveLength(1);
    await button(page, 'History').click();
    const line = page.locator('tbody tr', { hasText: 'no penny shares' }).first();
    await line.getByText('admin').waitFor();
    await line.getByText('MIN_PRICE').waitFor();
    expect(browser.errors.filter((text) => !text.includes(UNREACHED))).toEqual([]);
    expect(browser.elsewhere).toEqual([]);
  });
});
