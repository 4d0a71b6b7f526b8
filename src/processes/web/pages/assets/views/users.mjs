import { call, post } from '../lib/api.mjs';
import { button, dialog, el, note, pill, problemNote, show, table } from '../lib/dom.mjs';
import { field, form } from '../lib/form.mjs';
import { capital, timeText } from '../lib/format.mjs';

const ROLES = ['viewer', 'operator', 'accountant', 'admin'];
const ROLE_OPTIONS = ROLES.map((role) => [role, role]);

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
  const who = el('span', {}, el('strong', {}, user.name), user.userId === page.me ? ' (you)' : '');
  const manage = button('Manage', () => void managed(page, user), {
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
        label: 'Initial password',
        type: 'password',
        help: '12 characters or more.',
        attrs: { autocomplete: 'new-password' },
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

function managed(page, user) {
  return dialog(user.name, (close) => {
    const notes = el('div', {});
    const act = (label, text, work, props) =>
      button(
        label,
        async () => {
          try {
            await work();
            close();
            await done(page, text);
          } catch (problem) {
            show(notes, problemNote(problem));
          }
        },
        props,
      );
    const role = field({ name: 'role', label: 'Role', type: 'select', value: user.role, options: ROLE_OPTIONS });
    const at = (what) => ['users', user.userId, what];
    const reason = field({
      name: 'reason',
      label: 'Reason',
      help: 'Recorded in the journal; required to disable, enable and unlock.',
      attrs: { maxlength: '200' },
    });
    const because = () => ({ reason: reason.value.trim() });
    const toggle = user.disabled
      ? act('Enable', `${user.name} can log in again.`, () => post(at('enable'), because()))
      : act('Disable', `${user.name} is disabled and logged out.`, () => post(at('disable'), because()), {
          class: 'danger',
        });
    return [
      notes,
      role.row,
      el(
        'div',
        { class: 'row' },
        act(
          'Save role',
          `${capital(user.name)} has a new role.`,
          () => call('PUT', at('role'), { body: { role: role.value } }),
          { class: 'primary' },
        ),
      ),
      el('h3', {}, 'Account'),
      reason.row,
      el(
        'div',
        { class: 'row' },
        user.lockedUntil ? act('Unlock', `${user.name} is unlocked.`, () => post(at('unlock'), because())) : null,
        act('Log out everywhere', `${user.name} is logged out.`, () => call('DELETE', at('sessions'))),
        toggle,
        button('Close', close),
      ),
    ];
  });
}
