import { post, useCsrf } from '../lib/api.mjs';
import { button, el, note, show } from '../lib/dom.mjs';
import { field, form } from '../lib/form.mjs';

const MOST_ATTEMPTS = 4;

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
    help: 'From your app, or one of your recovery codes. If the code is refused, enter it and the next one, one behind the other.',
    attrs: { autocomplete: 'one-time-code', autocapitalize: 'none' },
  });
  code.row.hidden = true;
  const submit = async (values, notes) => {
    const typed = values.code.trim();
    const sent = {
      name: values.name.trim(),
      password: values.password,
      ...(typed === '' ? {} : { code: typed }),
    };
    try {
      const { csrfToken } = await logIn(sent, notes);
      useCsrf(csrfToken);
    } catch (problem) {
      if (problem.code === 'SECOND_FACTOR_NEEDED' && code.row.hidden) {
        show(notes);
        return askCode(code);
      }
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

/** After failed attempts at the name a new device has to wait, half a minute at most: this waits, and then tries again. */
async function logIn(sent, notes) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await post(['auth', 'login'], sent);
    } catch (problem) {
      if (problem.code !== 'DELAYED' || problem.retryAfter === null || attempt === MOST_ATTEMPTS) throw problem;
      const wait = `There were failed attempts for this name. Trying again in ${problem.retryAfter} seconds.`;
      show(notes, note('is-warn', wait));
      await new Promise((resolve) => setTimeout(resolve, problem.retryAfter * 1_000));
    }
  }
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
