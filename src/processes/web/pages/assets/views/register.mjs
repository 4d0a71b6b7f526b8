import { call } from '../lib/api.mjs';
import { el, show } from '../lib/dom.mjs';
import { field, form } from '../lib/form.mjs';
import { forgetSetupToken, setupToken, setupTokenField, withSetupToken } from '../lib/setup-token.mjs';

/** The first account, an admin. The token of the set-up is reused, so it is typed only once. */
export function registerView(node, { reload }) {
  const token = setupTokenField();
  token.input.value = setupToken();
  token.row.hidden = token.input.value !== '';
  const fields = [token, ...accountFields()];
  const submit = async ({ token: typed, name, email, password, again }) => {
    if (password !== again) {
      const last = fields.at(-1);
      last.fault('The passwords do not match.');
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
      el('h1', {}, 'Create the first account'),
      el('p', { class: 'lead' }, 'This account is an admin: it has all permissions and can create other accounts.'),
      form({ fields, label: 'Create account', submit }),
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
      help: 'Optional; for password resets.',
      attrs: { autocomplete: 'email' },
    }),
    field({
      name: 'password',
      label: 'Password',
      type: 'password',
      help: '12 characters or more; a few random words are a good choice.',
      attrs: { autocomplete: 'new-password' },
    }),
    field({ name: 'again', label: 'Confirm password', type: 'password', attrs: { autocomplete: 'new-password' } }),
  ];
}

/** Asks for the token again when it is no longer valid, after a restart of TradeBot. */
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
