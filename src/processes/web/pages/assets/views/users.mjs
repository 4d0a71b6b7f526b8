import { call, post } from '../lib/api.mjs';
import { button, dialog, el, note, pill, problemNote, show, table } from '../lib/dom.mjs';
import { field, form } from '../lib/form.mjs';
import { timeText } from '../lib/format.mjs';
import { oneTimePassword } from '../lib/one-time-password.mjs';
import { manageUser, ROLE_OPTIONS } from './user-dialogs.mjs';

/** Accounts, for admins. */
export function usersView(node, { session }) {
  const page = { node, me: session.user.userId, notes: el('div', {}), list: el('section', { class: 'card' }) };
  show(
    node,
    el(
      'div',
      { class: 'head' },
      el('h1', {}, 'Users'),
      button('New user', () => void newUser(page), { class: 'primary' }),
    ),
    page.notes,
    page.list,
  );
  void load(page);
}

async function load(page, cursor) {
  try {
    const { body } = await call('GET', ['users'], { query: { limit: 50, cursor } });
    const rows = body.items.map((user) => userRow(page, user));
    show(
      page.list,
      table(['Name', 'Role', 'State', 'Second factor', 'Last login', ''], rows, { caption: 'Accounts' }),
      body.nextCursor === null ? null : button('More', () => void load(page, body.nextCursor)),
    );
  } catch (problem) {
    show(page.list, problemNote(problem));
  }
}

function userRow(page, user) {
  const state = user.disabled
    ? pill('is-warn', 'disabled')
    : user.lockedUntil
      ? pill('is-warn', 'being guessed')
      : pill('is-good', 'active');
  const isMe = user.userId === page.me;
  const who = el('span', {}, el('strong', {}, user.name), isMe ? ' (you)' : '');
  const manage = isMe
    ? el('a', { href: '/account' }, 'Your account')
    : button('Manage', () => void manageUser(user, (text) => done(page, text)), {
        class: 'little',
        'aria-label': `Manage ${user.name}`,
      });
  return [who, user.role, state, user.secondFactor ? 'on' : 'off', timeText(user.lastLoginAt), manage];
}

function newUser(page) {
  return dialog('New user', (close) => {
    const fields = [
      field({
        name: 'name',
        label: 'User name',
        attrs: { autocomplete: 'off', autocapitalize: 'none', autofocus: true },
      }),
      field({ name: 'email', label: 'E-mail', type: 'email', help: 'Optional.', attrs: { autocomplete: 'off' } }),
      field({ name: 'role', label: 'Role', type: 'select', value: 'viewer', options: ROLE_OPTIONS }),
      field({
        name: 'password',
        label: 'One-time password',
        value: oneTimePassword(),
        help: 'Hand it to the user, who replaces it at the first log-in. 12 characters or more.',
        attrs: { autocomplete: 'off', autocapitalize: 'none' },
      }),
    ];
    const submit = async ({ name, email, role, password }) => {
      const address = email.trim();
      await post(['users'], { name: name.trim(), role, password, ...(address === '' ? {} : { email: address }) });
      close();
      await done(page, `${name} was created.`);
    };
    return [form({ fields, label: 'Create user', submit, secondary: button('Cancel', close) })];
  });
}

async function done(page, text) {
  show(page.notes, note('is-good', text));
  await load(page);
}
