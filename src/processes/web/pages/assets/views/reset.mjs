import { post } from '../lib/api.mjs';
import { button, el, note, show } from '../lib/dom.mjs';
import { field, form } from '../lib/form.mjs';

/** A new password through a mailed link; its token follows the #. */
export function resetView(node, { go }) {
  const token = new URLSearchParams(location.hash.slice(1)).get('token') ?? '';
  // removed from the address, so it stays in no history
  history.replaceState(null, '', location.pathname);
  if (token === '') {
    show(
      node,
      el(
        'div',
        { class: 'narrow card' },
        el('h1', {}, 'New password'),
        note('is-warn', 'This address has no token. Open the link in the e-mail again.'),
        button('Log in', () => void go('/login')),
      ),
    );
    return;
  }
  const password = field({
    name: 'password',
    label: 'New password',
    type: 'password',
    help: '12 characters or more.',
    attrs: { autocomplete: 'new-password' },
  });
  const submit = async (values) => {
    await post(['auth', 'password-reset', 'confirm'], { token, password: values.password });
    show(
      node,
      el(
        'div',
        { class: 'narrow card' },
        el('h1', {}, 'Done'),
        el('p', {}, 'All sessions were ended. Log in with your new password.'),
        button('Log in', () => void go('/login'), { class: 'primary' }),
      ),
    );
  };
  show(
    node,
    el(
      'div',
      { class: 'narrow card' },
      el('h1', {}, 'New password'),
      form({ fields: [password], label: 'Save', submit }),
    ),
  );
  password.input.focus();
}
