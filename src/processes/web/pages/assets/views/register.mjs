import { call } from '../lib/api.mjs';
import { el, show } from '../lib/dom.mjs';
import { field, form } from '../lib/form.mjs';
import { forgetSetupToken, setupToken, setupTokenField, withSetupToken } from '../lib/setup-token.mjs';

/** The first account; it is an admin. Whoever typed the token at the set-up is not asked for it again. */
export function registerView(node, { reload }) {
  const token = setupTokenField();
  token.input.value = setupToken();
  token.row.hidden = token.input.value !== '';
  const fields = [token, ...accountFields()];
  const submit = async ({ token: typed, name, email, password, again }) => {
    if (password !== again) {
      const last = fields.at(-1);
      last.fault('The two passwords differ.');
      last.input.focus();
      return;
    }
    const address = email.trim();
    const body = { name: name.trim(), password, ...(address === '' ? {} : { email: address }) };
    await register(token, typed.trim(), body);
    show(
      node,
      el('div', { class: 'narrow card' }, el('h1', {}, 'Done'), el('p', { role: 'status' }, 'The bot starts ...')),
    );
    setTimeout(() => void reload(), 500);
  };
  show(
    node,
    el(
      'div',
      { class: 'narrow card' },
      el('h1', {}, 'Make the first account'),
      el('p', { class: 'lead' }, 'It is an admin: it may do everything, and makes further accounts.'),
      form({ fields, label: 'Make the account', submit }),
    ),
  );
  fields.find(({ row }) => !row.hidden).input.focus();
}

function accountFields() {
  return [
    field({
      name: 'name',
      label: 'User name',
      attrs: { autocomplete: 'username', autocapitalize: 'none', maxlength: '64' },
    }),
    field({
      name: 'email',
      label: 'E-mail',
      type: 'email',
      help: 'For resetting the password; may be empty.',
      attrs: { autocomplete: 'email' },
    }),
    field({
      name: 'password',
      label: 'Password',
      type: 'password',
      help: '12 characters or more; a few words do well.',
      attrs: { autocomplete: 'new-password' },
    }),
    field({ name: 'again', label: 'Password again', type: 'password', attrs: { autocomplete: 'new-password' } }),
  ];
}

/** A token that is not the one any more (TradeBot was started anew) is asked for again. */
async function register(token, typed, body) {
  try {
    await call('POST', ['registration'], { body, headers: withSetupToken(typed) });
    forgetSetupToken();
  } catch (problem) {
    if (problem.status === 401) {
      forgetSetupToken();
      token.row.hidden = false;
      token.fault(problem.message);
    }
    throw problem;
  }
}
