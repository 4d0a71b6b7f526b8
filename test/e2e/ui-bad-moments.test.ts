import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { BrowserContext, Page } from 'playwright-core';
import { LIVE_TYPES } from '../../src/processes/web/live/live-view.js';
import type { Position } from '../../src/events/event.js';
import type { EngineHome } from '../support/engine-home.js';
import { eventually } from '../support/eventually.js';
import { describeNeeding } from '../support/needs.js';
import { chromiumBrowser, WatchedBrowser } from './support/browser.js';
import { PASSWORD, type LiveBot } from './support/live-bot.js';
import { buildOnce, removeScratch, scratchFolder } from './support/program.js';
import { beUser, botForPages, fillLogIn, logInToApp, openWithin, replacePassword, settled } from './support/ui-bot.js';
import { ADMIN_CHANGES } from './support/ui-changes.js';
import { forgetChanges, isChange, liveIds, sentChanges, watchRequests } from './support/ui-requests.js';

const SPEED = 10;
const LOST = 'Connection lost';
/** What a browser says of a server that is away. */
const UNREACHED = 'net::ERR_';

describeNeeding(chromiumBrowser)('the browser app in bad moments', () => {
  const browser = new WatchedBrowser();
  let bot: LiveBot;
  let home: EngineHome;
  let base: string;
  let page: Page;
  let context: BrowserContext;

  beforeAll(async () => {
    await buildOnce();
    ({ bot, home, base } = await botForPages(scratchFolder(), SPEED));
    ({ page, context } = await browser.visit(base));
    await watchRequests(page);
    await logInToApp(page, base);
  });

  // What a test that failed has left behind must not bring down those after it.
  beforeEach(async () => {
    await context.setOffline(false);
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    for (const other of context.pages()) if (other !== page) await other.close();
    await beUser(page, base, 'anna');
  });

  afterAll(async () => {
    await browser.close();
    await bot.stop();
    await removeScratch();
  });

  const button = (name: string, on: Page = page): ReturnType<Page['getByRole']> =>
    on.getByRole('button', { name, exact: true });
  const field = (key: string, on: Page = page): ReturnType<Page['locator']> => on.locator(`#setting-${key}`);
  const openSetting = (key: string): Promise<void> => openWithin(page, `/settings?find=${key}`);
  /** The same in a document of its own. */
  const loadSetting = async (key: string, on: Page = page): Promise<void> => {
    await on.goto(`${base}/app/settings?find=${key}`);
    await settled(on);
  };
  const review = async (reason: string, on: Page = page): Promise<void> => {
    await button('Review changes', on).click();
    await on.getByRole('dialog').getByLabel('Reason').fill(reason);
  };
  /** How often a change of settings with this reason stands in the journal. */
  const recorded = async (reason: string): Promise<number> => {
    const changes = [...(await home.eventsOf('ConfigChanged')), ...(await home.eventsOf('ConfigChangeDeferred'))];
    return changes.filter(({ data }) => data.reason === reason).length;
  };
  /** The session ends at the server, as one that expires does: this browser learns it with its next request. */
  const endSession = async (): Promise<void> => {
    const token = await page.evaluate<string>('localStorage.getItem("tradebot.session")');
    const headers = { 'X-CSRF-Token': token, Origin: base };
    expect((await context.request.post(`${base}/api/auth/logout`, { headers })).status()).toBe(204);
  };
  const cover = (): ReturnType<Page['getByRole']> => page.getByRole('dialog', { name: 'Your session has ended.' });

  test('a session that ends in the middle of a form: log-in in place, the text is kept, and it is sent once', async () => {
    await openSetting('MIN_PRICE');
    await field('MIN_PRICE').fill('7');
    await review('typed before the session ended');
    await endSession();
    await button('Save').dispatchEvent('click');
    await cover().waitFor();
    await page.keyboard.press('Escape');
    await fillLogIn(page, 'anna', PASSWORD);
    await page.getByText('1 setting saved.').waitFor();
    await eventually('the change', async () => (await recorded('typed before the session ended')) > 0);
    expect(await recorded('typed before the session ended')).toBe(1);
  });

  test('after the log-in of another user nothing of the first one is sent or shown', async () => {
    const own = await replacePassword(bot, 'oscar');
    await openSetting('MIN_PRICE');
    await field('MIN_PRICE').fill('8');
    await review('of anna alone');
    await endSession();
    await button('Save').dispatchEvent('click');
    await cover().waitFor();
    await fillLogIn(page, 'oscar', own);
    await page.getByText('Not allowed for your role').waitFor();
    // the log-in is taken away a moment after the page below it has changed
    await eventually('no dialog', async () => (await page.getByRole('dialog').count()) === 0);
    expect(await recorded('of anna alone')).toBe(0);
    await endSession();
    await cover().waitFor();
    await fillLogIn(page, 'anna', PASSWORD);
    await field('MIN_PRICE').waitFor();
    expect(await field('MIN_PRICE').inputValue()).toBe('7');
  });

  test('a log-out in one tab is one in the other, which shows nothing more, and a log-in comes back in both', async () => {
    const other = await context.newPage();
    await other.goto(`${base}/app/status`);
    await settled(other);
    await button('anna').click();
    await page.getByRole('menuitem', { name: 'Log out' }).click();
    await other.getByRole('heading', { name: 'Log in' }).waitFor();
    expect(await other.locator('header.bar').count()).toBe(0);
    await fillLogIn(page, 'anna', PASSWORD);
    await other.locator('h1.page-title', { hasText: 'Status' }).waitFor();
    await other.close();
  });

  test('two tabs change one setting: the second sees that at the row, its text stays, and its save is refused once', async () => {
    const other = await context.newPage();
    await loadSetting('MAX_PRICE', other);
    await field('MAX_PRICE', other).fill('91');
    await review('of the second tab', other);
    await openSetting('MAX_PRICE');
    await field('MAX_PRICE').fill('92');
    await review('of the first tab');
    await button('Save').click();
    await page.getByText('1 setting saved.').waitFor();
    await button('Save', other).click();
    await other.getByText('This was changed after you read it.').waitFor();
    expect(await other.getByRole('dialog').getByLabel('Reason').inputValue()).toBe('of the second tab');
    await button('Back', other).last().click();
    await other.getByText(/Changed meanwhile by anna: .* What you typed is kept\./).waitFor();
    expect(await field('MAX_PRICE', other).inputValue()).toBe('91');
    expect(await recorded('of the second tab')).toBe(0);
    await review('of the second tab', other);
    await button('Save', other).click();
    await other.getByText('1 setting saved.').waitFor();
    expect(await recorded('of the second tab')).toBe(1);
    await other.close();
  });

  test.each(ADMIN_CHANGES)('a double click does it once: $name', async ({ path, sends, prepare }) => {
    await openWithin(page, path);
    const last = await prepare(page);
    await forgetChanges(page);
    await last.dblclick();
    const sent = await sentChanges(page);
    expect(sent.filter((one) => !isChange(sends, one))).toEqual([]);
    // What has one key is done once: the tests of the interface prove that.
    expect(new Set(sent.map(({ key }) => key)).size).toBe(1);
  });

  test('an answer that never comes: the wait ends, the message says what is known, and trying again does it once', async () => {
    await page.clock.install();
    await loadSetting('MIN_PRICE');
    const shown: string[] = [];
    await page.route(/\/api\/settings$/, async (route) => {
      if (route.request().method() !== 'PUT') return route.fallback();
      shown.push(route.request().headers()['idempotency-key'] ?? '');
      // The server does it, and its answer is lost.
      if (shown.length === 1) await route.fetch();
      else await route.fallback();
    });
    await field('MIN_PRICE').fill('9');
    await review('whose answer was lost');
    await button('Save').click();
    await eventually('the change', async () => (await recorded('whose answer was lost')) > 0);
    await page.clock.fastForward(61_000);
    const dialog = page.getByRole('dialog');
    await dialog.getByText('The bot gave no answer within 60 seconds.').waitFor();
    await dialog.getByText('Whether it was done is not known.', { exact: false }).waitFor();
    await button('Save').click();
    await page.getByText('1 setting saved.').waitFor();
    expect(shown).toEqual([shown[0], shown[0]]);
    expect(await recorded('whose answer was lost')).toBe(1);
    await page.unrouteAll();
  });

  test('offline: a change is refused at once and not sent later, its text stays, and it goes out when sent again', async () => {
    await openSetting('MIN_PRICE');
    await field('MIN_PRICE').fill('6');
    await review('typed offline');
    // The stream that is open stays so in this emulation; that a dead one is shown is tested below and in ui.test.ts.
    await context.setOffline(true);
    await button('Save').click();
    await page.getByRole('dialog').getByText('The bot does not respond.').waitFor();
    await context.setOffline(false);
    expect(await recorded('typed offline')).toBe(0);
    await button('Save').click();
    await page.getByText('1 setting saved.').waitFor();
    expect(await recorded('typed offline')).toBe(1);
  });

  test('a paste of 10 MB is refused at its field with the remedy, and the page stays as it was', async () => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: base });
    await openSetting('MIN_PRICE');
    await page.evaluate('navigator.clipboard.writeText("9".repeat(10 * 1024 * 1024))');
    for (const [target, most] of [
      [field('MIN_PRICE'), '50,000'],
      [page.getByLabel('Name, key or text'), '50,000'],
    ] as const) {
      const before = await target.inputValue();
      await target.focus();
      await page.keyboard.press('Control+v');
      const wrapper = page.locator('.mantine-InputWrapper-root', { has: target });
      await wrapper
        .getByRole('alert')
        .filter({ hasText: `Not pasted: at most ${most} characters` })
        .waitFor();
      expect(await target.inputValue()).toBe(before);
    }
    await field('MIN_PRICE').fill('5');
    await page.getByText('Not pasted', { exact: false }).waitFor({ state: 'detached' });
    await review('');
    await page.getByRole('dialog').getByLabel('Reason').focus();
    await page.keyboard.press('Control+v');
    await page.getByRole('dialog').getByText('Not pasted: at most 200 characters', { exact: false }).waitFor();
    await button('Back').last().click();
    await button('Discard changes').click();
  });

  const pidOfWeb = async (): Promise<number> => {
    const token = await page.evaluate<string>('localStorage.getItem("tradebot.session")');
    const answer = await context.request.get(`${base}/api/processes`, { headers: { 'X-CSRF-Token': token } });
    const { processes } = (await answer.json()) as { processes: readonly { process: string; pid: number }[] };
    return processes.find((one) => one.process === 'web')!.pid;
  };
  const lost = (): ReturnType<Page['locator']> => page.locator('.banner-warn', { hasText: LOST });

  test('a server that ends under an open page: said, back by itself, and no event is missed or doubled', async () => {
    await loadSetting('MIN_PRICE');
    await field('MIN_PRICE').fill('4');
    await review('before the server ended');
    await button('Save').click();
    await page.getByText('1 setting saved.').waitFor();
    await eventually('a live event', async () => (await liveIds(page)).length > 0);
    const first = (await liveIds(page))[0] as Position;
    const web = await pidOfWeb();
    process.kill(web, 'SIGKILL');
    await lost().waitFor();
    await lost().waitFor({ state: 'detached' });
    await field('MIN_PRICE').fill('5');
    await review('after the server came back');
    await button('Save').click();
    await page.getByText('1 setting saved.').waitFor();
    const filter = { types: LIVE_TYPES };
    const after = (): Promise<readonly string[]> =>
      home.read(async (journal) =>
        (await journal.readAll({ after: first, filter, limit: 1_000 })).map(({ position }) => position),
      );
    let wanted: readonly string[] = [];
    let seen: readonly string[] = [];
    // the bot trades on: an event that is newer than this look at the journal may not be on the page yet
    await eventually('every event', async () => {
      wanted = await after();
      seen = (await liveIds(page)).slice(1);
      return wanted.length > 1 && wanted.length <= seen.length;
    });
    expect(seen.slice(0, wanted.length)).toEqual(wanted);
    expect(new Set(seen).size).toBe(seen.length);
  });

  test('no error and no request to another host occurred', () => {
    expect(browser.errors.filter((text) => !text.includes(UNREACHED))).toEqual([]);
    expect(browser.elsewhere).toEqual([]);
  });
});
