import { call, get, post } from '../lib/api.mjs';
import { button, dialog, el, note, problemNote, show, table } from '../lib/dom.mjs';
import { field, form } from '../lib/form.mjs';
import { capital, endedText, timeText } from '../lib/format.mjs';
import { oneTimePassword } from '../lib/one-time-password.mjs';

const ROLES = ['viewer', 'operator', 'accountant', 'admin'];
export const ROLE_OPTIONS = ROLES.map((role) => [role, role]);

/** Everything that an admin does with the account of another user; `done(text)` shows what was done. */
export function manageUser(user, done) {
  return dialog(user.name, (close) => {
    const part = { user, notes: el('div', {}), tokens: el('div', {}), close, done };
    void drawTokens(part);
    return [
      part.notes,
      ...rolePart(part),
      el('h3', {}, 'Account'),
      ...accountPart(part),
      el('h3', {}, 'Access'),
      accessPart(part),
      part.tokens,
      el('div', { class: 'row' }, button('Close', close)),
    ];
  });
}

const at = ({ user }, ...more) => ['users', user.userId, ...more];

/** A button that does its work, closes the dialog and reports. */
function act(part, label, text, work, props) {
  return button(
    label,
    async () => {
      try {
        const found = await work();
        if (found === false) return;
        part.close();
        await part.done(typeof text === 'function' ? text(found) : text);
      } catch (problem) {
        show(part.notes, problemNote(problem));
      }
    },
    props,
  );
}

/** What takes an admin away needs the typed name. Resolves to whether it was typed. */
async function confirmed({ user }, title) {
  if (user.role !== 'admin' || user.disabled) return true;
  let typed = false;
  await dialog(title, (close) => {
    const name = field({
      name: 'name',
      label: `Type ${user.name} to confirm`,
      attrs: { autocomplete: 'off', autocapitalize: 'none', autofocus: true },
    });
    const submit = async (values) => {
      if (values.name.trim() !== user.name) {
        name.fault('The name does not match.');
        return;
      }
      typed = true;
      close();
    };
    return [
      el('p', {}, `${capital(user.name)} is an admin, and can then no longer manage users, secrets and settings.`),
      form({ fields: [name], label: 'Confirm', danger: true, submit, secondary: button('Cancel', close) }),
    ];
  });
  return typed;
}

function rolePart(part) {
  const { user } = part;
  const role = field({ name: 'role', label: 'Role', type: 'select', value: user.role, options: ROLE_OPTIONS });
  const save = async () => {
    if (role.value !== 'admin' && !(await confirmed(part, 'Take the role of admin away?'))) return false;
    return call('PUT', at(part, 'role'), { body: { role: role.value } });
  };
  return [
    role.row,
    el(
      'div',
      { class: 'row' },
      act(part, 'Save role', `${capital(user.name)} has a new role.`, save, { class: 'primary' }),
    ),
  ];
}

function accountPart(part) {
  const { user } = part;
  const reason = field({
    name: 'reason',
    label: 'Reason',
    help: 'Recorded in the journal; required to disable, enable and unlock.',
    attrs: { maxlength: '200' },
  });
  const because = () => ({ reason: reason.value.trim() });
  const disable = async () =>
    (await confirmed(part, 'Disable an admin?')) ? post(at(part, 'disable'), because()) : false;
  const toggle = user.disabled
    ? act(part, 'Enable', `${user.name} can log in again.`, () => post(at(part, 'enable'), because()))
    : act(part, 'Disable', `${user.name} is disabled and logged out.`, disable, { class: 'danger' });
  const unlock = user.lockedUntil
    ? act(part, 'Unlock', `${user.name} is unlocked.`, () => post(at(part, 'unlock'), because()))
    : null;
  return [reason.row, el('div', { class: 'row' }, unlock, toggle)];
}

function accessPart(part) {
  const { user } = part;
  return el(
    'div',
    { class: 'row' },
    button('Set one-time password', () => void setPassword(part)),
    user.email === null
      ? null
      : act(part, 'Mail a reset link', `A link was sent to ${user.name}.`, () => post(at(part, 'password-reset'))),
    user.secondFactor
      ? act(part, 'Remove second factor', `The second factor of ${user.name} is off.`, () =>
          call('DELETE', at(part, 'second-factor')),
        )
      : null,
    button('Log out everywhere', () => void logOut(part)),
  );
}

function setPassword(part) {
  const { user } = part;
  return dialog('One-time password', (close) => {
    const password = field({
      name: 'password',
      label: 'One-time password',
      value: oneTimePassword(),
      help: '12 characters or more.',
      attrs: { autocomplete: 'off', autocapitalize: 'none', autofocus: true },
    });
    const submit = async (values) => {
      await call('PUT', at(part, 'password'), { body: { password: values.password } });
      close();
      part.close();
      await part.done(`${capital(user.name)} has a one-time password, and was logged out everywhere.`);
    };
    return [
      el('p', {}, `Copy it now and hand it to ${user.name}, who replaces it at the next log-in.`),
      el('p', {}, 'All sessions and tokens of the user end.'),
      form({ fields: [password], label: 'Set password', danger: true, submit, secondary: button('Cancel', close) }),
    ];
  });
}

function logOut(part) {
  return dialog('Log out everywhere?', (close) => {
    const tokens = field({ name: 'tokens', label: 'Revoke all tokens for scripts as well', type: 'checkbox' });
    const submit = async ({ tokens: also }) => {
      const { body } = await call('DELETE', at(part, 'sessions'), { query: { tokens: also } });
      close();
      part.close();
      await part.done(`${capital(part.user.name)}: ${endedText(body)}`);
    };
    return [form({ fields: [tokens], label: 'Log out', danger: true, submit, secondary: button('Cancel', close) })];
  });
}

async function drawTokens(part) {
  try {
    const items = await get(...at(part, 'tokens'));
    const rows = items.map((one) => [
      one.label,
      one.role,
      timeText(one.expiresAt),
      timeText(one.lastUsedAt),
      button('Revoke', () => void revoke(part, one), { class: 'little', 'aria-label': `Revoke ${one.label}` }),
    ]);
    show(
      part.tokens,
      el('h3', {}, 'Tokens for scripts'),
      table(['Label', 'Role', 'Expires', 'Last used', ''], rows, { empty: 'None.' }),
    );
  } catch (problem) {
    show(part.tokens, problemNote(problem));
  }
}

async function revoke(part, { tokenId, label }) {
  try {
    await call('DELETE', at(part, 'tokens', tokenId));
    show(part.notes, note('is-good', `The token ${label} was revoked.`));
  } catch (problem) {
    show(part.notes, problemNote(problem));
  }
  await drawTokens(part);
}
