import type { Locator, Page } from 'playwright-core';

/** A change that a page offers: how to come to its last button, and what that sends. */
export interface UiChange {
  readonly name: string;
  /** Method and path; `*` is one part of a path. */
  readonly sends: string;
  /** Below /app. */
  readonly path: string;
  /** Fills what is needed, and returns the button that sends. */
  readonly prepare: (page: Page) => Promise<Locator>;
}

/** The button with this name. */
export const button = (page: Page | Locator, name: string): Locator => page.getByRole('button', { name, exact: true });

/** Opens a dialog by its button, and fills fields of it by their labels. */
export async function inDialog(
  page: Page,
  opens: string,
  fields: Readonly<Record<string, string>> = {},
): Promise<Locator> {
  await button(page, opens).click();
  const dialog = page.getByRole('dialog');
  for (const [label, text] of Object.entries(fields)) await dialog.getByLabel(label, { exact: true }).fill(text);
  return dialog;
}

const task = (kind: string, path: string): UiChange => ({
  ...{ name: kind.toLowerCase(), sends: `POST ${path}`, path: '/health' },
  prepare: (page) => Promise.resolve(button(page, kind)),
});

/** Changes of an admin that leave the bot and the session as they are; `victor` is a user who may be changed. */
export const ADMIN_CHANGES: readonly UiChange[] = [
  task('Verify the whole journal', '/api/books/verify'),
  task('Seal now', '/api/books/seal'),
  task('Back up now', '/api/backups'),
  {
    ...{ name: 'export', sends: 'POST /api/exports', path: '/exports' },
    prepare: async (page) => {
      await page.getByLabel('Range').selectOption('now');
      await page.getByLabel('First day').fill('2013-10-07');
      return button(page, 'Export');
    },
  },
  {
    ...{ name: 'new user', sends: 'POST /api/users', path: '/users' },
    prepare: async (page) => button(await inDialog(page, 'New user', { 'User name': 'nora' }), 'Create user'),
  },
  {
    ...{ name: 'role of a user', sends: 'PUT /api/users/*/role', path: '/users' },
    prepare: async (page) => {
      const dialog = await inDialog(page, 'Manage victor');
      await dialog.getByLabel('Role').selectOption('operator');
      return button(dialog, 'Save role');
    },
  },
  {
    ...{ name: 'one-time password', sends: 'PUT /api/users/*/password', path: '/users' },
    prepare: async (page) => {
      const dialog = await inDialog(page, 'Manage victor');
      await button(dialog, 'Set one-time password').click();
      return button(dialog, 'Set one-time password');
    },
  },
  {
    ...{ name: 'sessions of a user', sends: 'DELETE /api/users/*/sessions', path: '/users' },
    prepare: async (page) => button(await inDialog(page, 'Manage victor'), 'Log out everywhere'),
  },
  {
    ...{ name: 'disable a user', sends: 'POST /api/users/*/disable', path: '/users' },
    prepare: async (page) => button(await inDialog(page, 'Manage victor', { Reason: 'has left us' }), 'Disable'),
  },
  {
    ...{ name: 'enable a user', sends: 'POST /api/users/*/enable', path: '/users' },
    prepare: async (page) => button(await inDialog(page, 'Manage victor', { Reason: 'is back' }), 'Enable'),
  },
  {
    ...{ name: 'token for scripts', sends: 'POST /api/auth/tokens', path: '/account' },
    prepare: async (page) => button(await inDialog(page, 'New token', { Label: 'nightly' }), 'Create token'),
  },
  {
    ...{ name: 'revoke a token', sends: 'DELETE /api/auth/tokens/*', path: '/account' },
    prepare: (page) => Promise.resolve(button(page, 'Revoke nightly')),
  },
  {
    ...{ name: 'other sessions', sends: 'DELETE /api/auth/sessions', path: '/account' },
    prepare: async (page) => button(await inDialog(page, 'End all others'), 'End sessions'),
  },
  {
    ...{ name: 'second factor', sends: 'POST /api/auth/second-factor', path: '/account' },
    prepare: (page) => Promise.resolve(button(page, 'Turn on')),
  },
  {
    ...{ name: 'inverse ETFs', sends: 'PUT /api/strategies/inverse-etfs', path: '/strategies' },
    prepare: async (page) => {
      const dialog = await inDialog(page, 'Edit', { Entries: 'SIMX=HMGR', 'Reason (required)': 'a pair' });
      return button(dialog, 'Save');
    },
  },
  {
    ...{ name: 'secret', sends: 'PUT /api/secrets/*', path: '/secrets' },
    prepare: async (page) => button(await inDialog(page, 'Set Mail server', { Password: 'not to be seen' }), 'Save'),
  },
  {
    ...{ name: 'new keys', sends: 'POST /api/secrets/rotate', path: '/secrets' },
    prepare: async (page) => button(await inDialog(page, 'Rotate keys'), 'Rotate keys'),
  },
  {
    ...{ name: 'test', sends: 'POST /api/tests/*', path: '/tests' },
    prepare: async (page) => {
      await page.getByLabel('Test', { exact: true }).selectOption({ index: 1 });
      return button(page, 'Run');
    },
  },
];
