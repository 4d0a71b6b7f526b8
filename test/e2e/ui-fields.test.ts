import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { globSync, readFileSync } from 'node:fs';
import type { Locator, Page } from 'playwright-core';
import { answersOf } from '../contract/web/support/worker-answers.js';
import { describeNeeding } from '../support/needs.js';
import { provisionTestHome } from '../support/provision.js';
import { UI_PAGES } from '../support/ui-pages.js';
import { firstAdmin, moveTo, PASSWORD, startTestWeb, type TestWeb } from '../support/web.js';
import { removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';
import { findMismatch } from './support/as-engine.js';
import { chromiumBrowser, WatchedBrowser } from './support/browser.js';
import { fillLogIn, goWithin } from './support/ui-bot.js';
import { button } from './support/ui-changes.js';
import { FORMS } from './support/ui-fields.js';

const ONE_TIME = 'amber-Kettle-19-willow';
/** A page that has no form. */
const ELSEWHERE = '/lots';

/** Sources with fields that are not in the table, and why. */
const OTHER_SOURCES: Readonly<Record<string, string>> = {
  'pages/setup/': 'ui-setup.test.ts',
  'pages/register/page.tsx': 'ui-setup.test.ts',
  'pages/login/page.tsx': 'ui-forms.test.ts',
  'pages/reset/': 'ui-forms.test.ts',
  'pages/settings/row.tsx': 'below',
  'pages/settings/review.tsx': 'ui-forms.test.ts',
  'frame/proof.tsx': 'below',
  'frame/as-of.tsx': 'below',
  'frame/commands.tsx': 'ui.test.ts',
  'frame/palette.tsx': 'searches, and refuses nothing',
  'parts/filters.tsx': 'searches, and refuses nothing',
  'parts/data-table.tsx': 'searches, and refuses nothing',
  'parts/password-field.tsx': 'is a field of others',
  'parts/day-field.tsx': 'is a field of others',
};

/** Labels of the fields that take a text and are in sight: of the dialog, where one is open. */
const LABELS = `[...(document.querySelector('[role=dialog]') ?? document.querySelector('main')).querySelectorAll('input, textarea')]
  .filter((node) => !['checkbox', 'radio'].includes(node.type) && !node.disabled && node.closest('.filters') === null)
  .filter((node) => node.ariaHidden !== 'true')
  .map((node) => node.labels[0]?.innerText ?? node.ariaLabel)`;

/** An element that takes a text. */
const FIELD =
  /<(TextInput|PasswordInput|PasswordField|DayField|Textarea|NumberInput|Autocomplete|TagsInput|input|textarea)\b/;
const UI = 'src/ui';
/** No setting takes it. */
const BAD_TEXT = '\u2603';
const WRONG = 'The current password is wrong. Enter the password that you log in with.';
/** What the journal notes of a refusal. */
const REFUSALS: readonly string[] = ['LoginFailed'];
const PROOF = 'Confirm that it is you';

/** The fields of settings that take a text. */
const SETTINGS = `[...document.querySelectorAll('input[id^=setting-]:not([type=checkbox]), textarea[id^=setting-]')]
  .filter((node) => !node.disabled)`;
/** Types a text into each of them, as the app hears it from a person. */
const typeInto = (text: string): string => `for (const node of ${SETTINGS}) {
  Object.getOwnPropertyDescriptor(Object.getPrototypeOf(node), 'value').set.call(node, ${JSON.stringify(text)});
  node.dispatchEvent(new Event('input', { bubbles: true }));
}`;

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

describeNeeding(chromiumBrowser)('a bad value in each field of the browser app', () => {
  const browser = new WatchedBrowser();
  let web: TestWeb;
  let page: Page;
  let at = '';

  beforeAll(async () => {
    const home = temporaryHome();
    await provisionTestHome(home);
    web = await startTestWeb({ home, answer: answersOf(home) });
    const admin = await firstAdmin(web);
    await admin.post('/api/users', { name: 'victor', password: ONE_TIME, role: 'viewer' });
    await admin.post('/api/users', { name: 'alma', password: ONE_TIME, role: 'admin' });
    await admin.post('/api/secrets/rotate');
    await moveTo(web, 'idle');
    await findMismatch(home, '2013-10-07T13:30:00.000Z');
    ({ page } = await browser.visit(web.server.address));
    await page.goto(`${web.server.address}/app/`);
    await fillLogIn(page, 'admin', PASSWORD);
    await page.locator('header.bar').waitFor();
  });

  afterAll(async () => {
    await browser.close();
    await web.stop();
    removeTemporaryHomes();
  });

  const events = async (): Promise<readonly string[]> =>
    (await web.context.open().journal.readAll({ limit: 1_000_000 })).map(({ type }) => type);
  /** A page as it is when one comes to it. */
  const open = async (path: string): Promise<void> => {
    for (const next of path === at ? [ELSEWHERE, path] : [path]) {
      const { title = '' } = UI_PAGES.find((one) => one.path === next) ?? {};
      await goWithin(page, { path: next, title });
    }
    at = path;
  };
  /** Answers of the server with what this bot does not have. */
  const withAlso = async (also: Readonly<Record<string, unknown>>): Promise<void> => {
    for (const [path, more] of Object.entries(also)) {
      await page.route(`**${path}`, async (route) => {
        const answer = await route.fetch();
        await route.fulfill({ response: answer, json: { ...((await answer.json()) as object), ...(more as object) } });
      });
    }
  };
  const wrapperOf = (field: Locator): Locator =>
    field.locator('xpath=ancestor::*[contains(@class,"mantine-InputWrapper-root")][1]');
  /** What stands below a field as its fault, and whether the field says to a screen reader that it has one. */
  const faultAt = async (field: Locator): Promise<string | null> => {
    const texts = await wrapperOf(field).locator('.mantine-InputWrapper-error').allInnerTexts();
    const isInvalid = (await field.getAttribute('aria-invalid')) === 'true';
    expect(isInvalid).toBe(texts.length > 0);
    return isInvalid ? texts.join(' ') : null;
  };

  test.each(FORMS)('$name: the fault at its field with the remedy, all text kept, nothing changed', async (form) => {
    await withAlso(form.also ?? {});
    await open(form.path);
    const place = await form.open(page);
    const fields = form.bad.map(([label, value, fault]) => ({
      ...{ label, value, fault, field: place.getByLabel(label, { exact: true }) },
    }));
    for (const { field, value } of fields) await field.fill(value);
    const tried = FORMS.filter(({ source }) => source === form.source).flatMap(({ bad }) =>
      bad.map(([label]) => label),
    );
    const shown = await page.evaluate<readonly string[]>(LABELS);
    expect(shown.filter((label) => ![...tried, ...(form.below ?? [])].includes(label))).toEqual([]);
    const before = await events();
    await button(place, form.submit).last().click();
    await place.locator('.mantine-InputWrapper-error').first().waitFor();
    for (const { label, field, value, fault } of fields) {
      const wanted = fault === null ? null : (expect.stringMatching(fault) as unknown);
      expect([label, await faultAt(field)]).toEqual([label, wanted]);
      expect(await field.inputValue()).toBe(value);
    }
    expect(await place.locator('.form .notice').count()).toBe(0);
    expect((await events()).slice(before.length).filter((type) => !REFUSALS.includes(type))).toEqual([]);
    await page.unrouteAll();
  });

  test('what takes an admin away needs a reason and the name, and says where the name differs', async () => {
    await open('/users');
    await button(page, 'Manage alma').click();
    const dialog = page.getByRole('dialog', { name: 'Manage alma' });
    const [reason, name] = [dialog.getByLabel('Reason', { exact: true }), dialog.getByLabel('Type alma to confirm')];
    expect(await button(dialog, 'Disable').isDisabled()).toBe(true);
    await reason.fill('has left us');
    await name.fill('anna');
    expect(await faultAt(name)).toBe('The name does not match. Type it as it is shown above.');
    expect(await button(dialog, 'Disable').isDisabled()).toBe(true);
    await name.fill('alm');
    expect(await faultAt(name)).toBeNull();
    await name.fill('alma');
    await reason.fill(' ');
    expect(await button(dialog, 'Disable').isDisabled()).toBe(true);
    await page.keyboard.press('Escape');
  });

  test('a password that is asked for again: its fault at its field, and nothing is done without it', async () => {
    await open('/secrets');
    await page.route('**/api/secrets/destroy-earlier', (route) =>
      route.fulfill({ status: 403, contentType: 'application/problem+json', json: { code: 'FRESH_PROOF_NEEDED' } }),
    );
    const before = await events();
    await button(page, 'Destroy earlier keys').click();
    const below = page.getByRole('dialog', { name: 'Destroy earlier keys' });
    await below.getByLabel('Reason (required)').fill('a password leaked');
    await button(below, 'Destroy').click();
    const dialog = page.getByRole('dialog', { name: PROOF });
    const field = dialog.getByLabel('Password', { exact: true });
    await field.fill('not-mine-at-all');
    await button(dialog, 'Confirm').click();
    await dialog.locator('.mantine-InputWrapper-error').waitFor();
    expect(await faultAt(field)).toBe(WRONG);
    expect(await field.inputValue()).toBe('not-mine-at-all');
    await field.press('Escape');
    await below.getByText('Nothing was changed: your password was not confirmed.').waitFor();
    expect(await below.getByLabel('Reason (required)').inputValue()).toBe('a password leaked');
    expect((await events()).slice(before.length).filter((type) => !REFUSALS.includes(type))).toEqual([]);
    await page.unrouteAll();
  });

  test('a position that is none: the fault at its field, and the page stays in the present', async () => {
    await open('/lots');
    await page.keyboard.press('t');
    const field = page.getByLabel('Position', { exact: true });
    await field.fill('yesterday');
    await button(page, 'Show').click();
    expect(await faultAt(field)).toBe('A position is a number, such as 120. Each event has one.');
    expect(page.url()).not.toContain('asof');
    await page.keyboard.press('Escape');
  });

  test('every setting that takes a text: each refusal of the server at its row, all text kept, nothing changed', async () => {
    await open('/settings');
    const keys = await page.evaluate<readonly string[]>(`${SETTINGS}.map((node) => node.id.replace('setting-', ''))`);
    expect(keys.length).toBeGreaterThan(80);
    await page.evaluate(typeInto(BAD_TEXT));
    const before = await events();
    const answered = page.waitForResponse((answer) => answer.request().method() === 'PUT');
    await button(page, 'Review changes').click();
    const { errors } = (await (await answered).json()) as { errors: readonly { field: string; message: string }[] };
    expect(errors.map(({ field }) => field).sort()).toEqual([...keys].sort());
    await page.locator('.mantine-InputWrapper-error').first().waitFor();
    for (const { field, message } of errors) {
      const input = page.locator(`#setting-${field}`);
      expect([field, await faultAt(input), await input.inputValue()]).toEqual([field, sentence(message), BAD_TEXT]);
    }
    expect(await events()).toEqual(before);
  });

  test('every source that has a field is in the table, or tested elsewhere', () => {
    const withFields = globSync('{pages,parts,frame,app}/**/*.tsx', { cwd: UI }).filter((path) =>
      FIELD.test(readFileSync(`${UI}/${path}`, 'utf8')),
    );
    const known = [...FORMS.map(({ source }) => source), ...Object.keys(OTHER_SOURCES)];
    expect(withFields.filter((path) => !known.some((one) => path.startsWith(one)))).toEqual([]);
    expect(known.filter((one) => !withFields.some((path) => path.startsWith(one)))).toEqual([]);
    expect([browser.errors, browser.elsewhere]).toEqual([[], []]);
  });
});
