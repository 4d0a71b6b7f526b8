import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { Role } from '../../src/domain/access/roles.js';
import { describeNeeding } from '../support/needs.js';
import { RIGHTS, ROLES } from '../support/rights.js';
import { UI_PAGES } from '../support/ui-pages.js';
import { chromiumBrowser, WatchedBrowser } from './support/browser.js';
import { PASSWORD, type LiveBot } from './support/live-bot.js';
import { buildOnce, removeScratch, scratchFolder } from './support/program.js';
import { botForPages, fillLogIn, goWithin, OWN_PAGES } from './support/ui-bot.js';

const SPEED = 10;
const OWN = 'seven quiet harbours at dawn';
const NAMES: Readonly<Record<Role, string>> = {
  ...{ viewer: 'victor', operator: 'oscar', accountant: 'clara', admin: 'anna' },
};

/** What changes something on a page that every role may read, and the permission that it needs. */
const CONTROLS: readonly { readonly path: string; readonly name: string; readonly needs: string }[] = [
  { path: '/', name: 'Kill', needs: 'control' },
  { path: '/', name: 'Stop', needs: 'control' },
  { path: '/health', name: 'Verify the whole journal', needs: 'verify' },
  { path: '/health', name: 'Seal now', needs: 'maintenance' },
  { path: '/health', name: 'Back up now', needs: 'maintenance' },
  { path: '/float', name: 'Book the transfer', needs: 'float' },
  { path: '/strategies', name: 'Edit', needs: 'settings' },
  { path: '/account', name: 'New token', needs: 'account' },
];

describeNeeding(chromiumBrowser)('the browser app by role', () => {
  const browser = new WatchedBrowser();
  let bot: LiveBot;
  let base: string;

  beforeAll(async () => {
    await buildOnce();
    ({ bot, base } = await botForPages(scratchFolder(), SPEED));
  });

  afterAll(async () => {
    await browser.close();
    await bot.stop();
    await removeScratch();
  });

  const button = (on: Page, name: string): ReturnType<Page['getByRole']> =>
    on.getByRole('button', { name, exact: true });
  const open = async (on: Page, path: string): Promise<void> => {
    const { title = '' } = UI_PAGES.find((one) => one.path === path) ?? {};
    await goWithin(on, { path, title });
  };

  describe.each(ROLES)('%s', (role) => {
    const may = (permission: string | null): boolean => permission === null || RIGHTS[role].includes(permission);
    let page: Page;

    beforeAll(async () => {
      ({ page } = await browser.visit(base));
      await page.goto(`${base}/app/`);
      await fillLogIn(page, NAMES[role], PASSWORD);
      if (role !== 'admin') await replaceFirstPassword(page);
      await page.locator('header.bar').waitFor();
    });
    afterAll(() => page.close());

    test('the menu has exactly the pages of the matrix', async () => {
      await open(page, '/');
      const shown = await page.locator('nav.rail .menu-link').allInnerTexts();
      const allowed = UI_PAGES.filter(({ needs, group }) => group !== null && may(needs)).map(({ title }) => title);
      expect(shown.map((text) => text.trim()).sort()).toEqual([...allowed].sort());
    });

    test('each page opens with what may be changed there, or says that it is not for this role and shows nothing', async () => {
      const wrong: string[] = [];
      for (const { path, needs, title } of OWN_PAGES) {
        await open(page, path);
        const forbidden = (await page.getByText('Not allowed for your role').count()) > 0;
        if (forbidden === may(needs)) wrong.push(`${title}: ${forbidden ? 'forbidden' : 'open'}`);
        for (const { name, needs: wanted } of CONTROLS.filter((control) => control.path === path)) {
          const there = (await button(page, name).count()) > 0;
          if (there !== may(wanted)) wrong.push(`${name} on ${path}: ${there ? 'there' : 'missing'}`);
        }
        if (!forbidden) continue;
        expect(await page.locator('main').getByRole('button').count()).toBe(0);
        expect(await page.locator('main').getByRole('textbox').count()).toBe(0);
      }
      expect(wrong).toEqual([]);
    });
  });

  /** An admin chose the first password: nothing else opens before it is replaced. */
  async function replaceFirstPassword(page: Page): Promise<void> {
    await page.getByText('An admin chose your password.').waitFor();
    await page.getByLabel('Current password', { exact: true }).fill(PASSWORD);
    await page.getByLabel('New password', { exact: true }).fill(OWN);
    await button(page, 'Change password').click();
  }

  test('no error and no request to another host occurred', () => {
    expect([browser.errors, browser.elsewhere]).toEqual([[], []]);
  });
});
