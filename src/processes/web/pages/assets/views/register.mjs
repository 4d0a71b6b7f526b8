import { post } from '../lib/api.mjs';
import { el, show } from '../lib/dom.mjs';
import { field, form } from '../lib/form.mjs';

/** The first account; it is an admin. */
export function registerView(node, { reload }) {
  const fields = [
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
  const submit = async ({ name, email, password, again }) => {
    if (password !== again) {
      fields[3].fault('The two passwords differ.');
      fields[3].input.focus();
      return;
    }
    const address = email.trim();
    await post(['registration'], { name: name.trim(), password, ...(address === '' ? {} : { email: address }) });
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
  fields[0].input.focus();
}
