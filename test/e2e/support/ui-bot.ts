import type { Page } from 'playwright-core';
import type { EngineHome } from '../../support/engine-home.js';
import { UI_PAGES, type UiPage } from '../../support/ui-pages.js';
import { addUser } from './add-user.js';
import { logIn, PASSWORD, type LiveBot } from './live-bot.js';
import { botInTheOpenWindow, startTrading } from './trading-bot.js';

/** A bot with a position, and one user of each role; anna is the admin. */
export async function botForPages(
  folder: string,
  speed: number,
): Promise<{ readonly bot: LiveBot; readonly home: EngineHome; readonly base: string }> {
  const { bot, home } = await botInTheOpenWindow(folder, speed);
  await addUser(home.made, [
    { name: 'victor', role: 'viewer' },
    { name: 'oscar', role: 'operator' },
    { name: 'clara', role: 'accountant' },
  ]);
  await startTrading(bot, home);
  return { bot, home, base: bot.address };
}

/** Logs in by the form of the app. */
export async function logInToApp(page: Page, base: string, name = 'anna', password = PASSWORD): Promise<void> {
  await page.goto(`${base}/app/`);
  await fillLogIn(page, name, password);
  await page.locator('header.bar').waitFor();
}

/** Fills the form of the log-in wherever the app shows it, and sends it. */
export async function fillLogIn(page: Page, name: string, password: string): Promise<void> {
  await page.getByLabel('User name').fill(name);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
}

const TOKEN = "localStorage.getItem('tradebot.session') ?? ''";

/** Sees that `name` is logged in to the page, whatever happened to it: by the form when the session is over or that of another user. */
export async function beUser(page: Page, base: string, name: string): Promise<void> {
  const token = await page.evaluate<string>(TOKEN);
  const answer = await page.context().request.get(`${base}/api/auth/session`, { headers: { 'X-CSRF-Token': token } });
  const found = answer.ok() ? ((await answer.json()) as { readonly user: { readonly name: string } }).user.name : '';
  if (found === name && (await page.getByLabel('User name').count()) === 0) return;
  await page.context().clearCookies();
  await page.evaluate("localStorage.removeItem('tradebot.session')");
  await logInToApp(page, base, name);
}

/** Replaces the password that an admin chose, as the first log-in of a user wants; returns the new one. */
export async function replacePassword(bot: LiveBot, name: string): Promise<string> {
  const own = 'seven quiet harbours at dawn';
  const { cookie, csrf } = await logIn(bot, PASSWORD, name);
  const headers = { cookie, 'x-csrf-token': csrf };
  const { status, text } = await bot.call('POST', '/api/auth/password', { current: PASSWORD, password: own }, headers);
  if (status >= 300) throw new Error(`the password of ${name} was not replaced: ${text}`);
  return own;
}

/** The pages of the app itself, which a crawler can open by their address alone. */
export const OWN_PAGES: readonly UiPage[] = UI_PAGES.filter(({ path }) => !path.includes('$'));

/** Goes to a page as a link of the app does, without reading the app again: a browser takes seconds of the processor for that. */
export async function goWithin(page: Page, { path, title }: Pick<UiPage, 'path' | 'title'>): Promise<void> {
  await page.evaluate(`history.pushState({}, '', ${JSON.stringify(`/app${path}`)})`);
  await page.getByRole('heading', { level: 1, name: title, exact: true }).waitFor();
  await settled(page);
}

/** Reads the least. */
const LIGHT = '/float';

/**
 * Opens an address of the app again, as `goWithin` does: a page that is open already is left first, and with it each of its
 * dialogs. What the app has read before, it may show until it has read it again.
 */
export async function openWithin(page: Page, address: string): Promise<void> {
  const entry = (at: string): UiPage => {
    const path = new URL(at, 'http://app').pathname;
    const found = OWN_PAGES.find((one) => one.path === path);
    if (found === undefined) throw new Error(`no page has the path ${path}`);
    return { ...found, path: at };
  };
  const { pathname } = new URL(page.url());
  if (pathname.replace(/\/$/, '') === `/app${entry(address).path.split('?')[0]}`.replace(/\/$/, '')) {
    await goWithin(page, entry(LIGHT));
  }
  await goWithin(page, entry(address));
}

/** Waits until nothing on the page is being read. */
export async function settled(page: Page): Promise<void> {
  await page.locator('.page-title').waitFor();
  await page.waitForSelector('.loading', { state: 'detached' });
}

const WITHOUT_QUESTION = '[data-figure]:not([data-explains])';

/** Texts of the figures that stay without an explanation: their questions come in an answer of their own, which is waited for. */
export async function unexplainedFigures(page: Page): Promise<readonly string[]> {
  await page.waitForSelector(WITHOUT_QUESTION, { state: 'detached' }).catch(() => undefined);
  return page.locator(WITHOUT_QUESTION).allInnerTexts();
}
