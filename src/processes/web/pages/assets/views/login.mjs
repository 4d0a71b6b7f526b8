import { post } from '../lib/api.mjs';
import { button, el, note, show } from '../lib/dom.mjs';
import { field, form } from '../lib/form.mjs';

/** Login; asks for the second factor when the server requires it. */
export function loginView(node, { reload }) {
  const name = field({ name: 'name', label: 'User name', attrs: { autocomplete: 'username', autocapitalize: 'none' } });
  const password = field({
    name: 'password',
    label: 'Password',
    type: 'password',
    attrs: { autocomplete: 'current-password' },
  });
  const code = field({
    name: 'code',
    label: 'Code of the second factor',
    help: 'From your app, or one of your recovery codes.',
    attrs: { autocomplete: 'one-time-code', autocapitalize: 'none' },
  });
  code.row.hidden = true;
  const submit = async (values) => {
    const typed = values.code.trim();
    try {
      await post(['auth', 'login'], {
        name: values.name.trim(),
        password: values.password,
        ...(typed === '' ? {} : { code: typed }),
      });
    } catch (problem) {
      if (problem.code === 'SECOND_FACTOR_NEEDED' && code.row.hidden) return askCode(code);
      throw problem;
    }
    return reload();
  };
  const forgot = button('Forgot your password or lost your phone?', () => forgotView(node, reload), {
    class: 'link',
  });
  show(
    node,
    el(
      'div',
      { class: 'narrow card' },
      el('h1', {}, 'Log in'),
      form({ fields: [name, password, code], label: 'Log in', submit }),
      el('p', {}, forgot),
    ),
  );
  name.input.focus();
}

function askCode(code) {
  code.row.hidden = false;
  code.input.focus();
}

function forgotView(node, reload) {
  const email = field({
    name: 'email',
    label: 'E-mail address of your account',
    type: 'email',
    attrs: { autocomplete: 'email' },
  });
  const submit = async (values, notes) => {
    await post(['auth', 'password-reset'], { email: values.email.trim() });
    show(
      notes,
      note('is-good', 'If an account has this address, a link was sent to it. The link is valid for 30 minutes.'),
    );
  };
  show(
    node,
    el(
      'div',
      { class: 'narrow card' },
      el('h1', {}, 'Get back in'),
      el('h2', {}, 'By e-mail'),
      form({
        fields: [email],
        label: 'Send link',
        submit,
        secondary: button('Back', () => loginView(node, { reload })),
      }),
      el('h2', {}, 'Without e-mail'),
      el(
        'ul',
        {},
        el('li', {}, 'Lost your phone: a recovery code replaces the code of the app, once each.'),
        el('li', {}, 'Any admin gives you a one-time password and removes your second factor, under Users.'),
        el(
          'li',
          {},
          'Nobody can log in: the person who runs the bot opens a terminal on its machine, in the folder of TradeBot, and types ',
          el('code', {}, 'npx tradebot users repair --admin NAME --reason "locked out"'),
          '. It asks for a new password and makes NAME an admin without a second factor.',
        ),
      ),
    ),
  );
  email.input.focus();
}
