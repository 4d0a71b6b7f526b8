import { call, get, post, remove, useCsrf } from '../lib/api.mjs';
import { button, dialog, el, note, pill, problemNote, show, table } from '../lib/dom.mjs';
import { field, form } from '../lib/form.mjs';
import { endedText, timeText } from '../lib/format.mjs';

/** The user's password, second factor, sessions and tokens. */
export function accountView(node, { session, reload }) {
  const page = {
    session,
    reload,
    notes: el('div', {}),
    password: el('section', { class: 'card' }),
    factor: el('section', { class: 'card' }),
    sessions: el('section', { class: 'card' }),
    tokens: el('section', { class: 'card' }),
  };
  const { user } = session;
  show(
    node,
    el('h1', {}, 'Your account'),
    el('p', { class: 'lead' }, `${user.name}, ${user.role}`),
    user.mustChangePassword
      ? note('is-warn', 'An admin chose your password. Replace it by one of your own to open the other pages.')
      : null,
    user.mustEnrolSecondFactor
      ? note('is-warn', 'Admins need a second factor. Turn it on to open the other pages.')
      : null,
    page.notes,
    el('div', { class: 'grid' }, page.password, page.factor),
    page.sessions,
    page.tokens,
    closing(page),
  );
  drawPassword(page);
  drawFactor(page);
  void drawSessions(page);
  void drawTokens(page);
}

/** The own account is closed by its user only, and by the typed name. */
function closing(page) {
  return el(
    'section',
    { class: 'card' },
    el('h2', {}, 'Close your account'),
    el('p', { class: 'muted small' }, 'You are logged out everywhere. Only an admin can open the account again.'),
    button('Close account', () => void close(page), { class: 'danger' }),
  );
}

function close(page) {
  const { name } = page.session.user;
  return dialog('Close your account?', (leave) => {
    const confirm = field({
      name: 'confirm',
      label: `Type ${name} to confirm`,
      attrs: { autocomplete: 'off', autocapitalize: 'none', autofocus: true },
    });
    const submit = async (values) => {
      await post(['auth', 'close'], { confirm: values.confirm });
      leave();
      await page.reload();
    };
    return [
      el('p', {}, 'Your sessions and tokens end. The last admin cannot close the account.'),
      form({ fields: [confirm], label: 'Close account', danger: true, submit, secondary: button('Cancel', leave) }),
    ];
  });
}

function drawPassword(page) {
  const fields = [
    field({
      name: 'current',
      label: 'Current password',
      type: 'password',
      attrs: { autocomplete: 'current-password' },
    }),
    field({
      name: 'password',
      label: 'New password',
      type: 'password',
      help: '12 characters or more.',
      attrs: { autocomplete: 'new-password' },
    }),
  ];
  const submit = async ({ current, password }, notes) => {
    const { csrfToken } = await post(['auth', 'password'], { current, password });
    useCsrf(csrfToken);
    show(notes, note('is-good', 'Password changed. All other sessions were ended.'));
    await page.reload();
  };
  show(page.password, el('h2', {}, 'Password'), form({ fields, label: 'Change password', submit }));
}

function drawFactor(page) {
  const on = page.session.secondFactor;
  const act = on
    ? button('Turn off', () => void switchOff(page))
    : button('Turn on', () => void enrol(page), { class: 'primary' });
  show(
    page.factor,
    el('h2', {}, 'Second factor'),
    el('p', {}, on ? pill('is-good', 'on') : pill('', 'off')),
    el('p', { class: 'muted small' }, 'A code from an authenticator app, required at each login.'),
    act,
  );
}

async function enrol(page) {
  try {
    const { secret, uri } = await post(['auth', 'second-factor']);
    await dialog('Second factor', (close) => {
      const code = field({
        name: 'code',
        label: 'Code in the app',
        attrs: { autocomplete: 'one-time-code', inputmode: 'numeric', autofocus: true },
      });
      const submit = async (values) => {
        const { recoveryCodes } = await post(['auth', 'second-factor', 'confirm'], { code: values.code.trim() });
        close();
        await showOnce(
          'Recovery codes',
          'Each code works once, in case you lose your phone. They are shown only now.',
          recoveryCodes,
        );
        await page.reload();
      };
      return [
        el('p', {}, 'Type this key into an authenticator app, or open the link on the phone:'),
        el('p', { class: 'mono' }, secret),
        el('p', {}, el('a', { href: uri }, 'Open in an authenticator app')),
        form({ fields: [code], label: 'Confirm', submit, secondary: button('Cancel', close) }),
      ];
    });
  } catch (problem) {
    show(page.notes, problemNote(problem));
  }
}

function switchOff(page) {
  return dialog('Turn off the second factor?', (close) => {
    const submit = async () => {
      await post(['auth', 'second-factor', 'disable']);
      close();
      await page.reload();
    };
    return [
      el('p', {}, 'From then on your password alone logs you in. Its recovery codes expire.'),
      form({ fields: [], label: 'Turn off', danger: true, submit, secondary: button('Cancel', close) }),
    ];
  });
}

function showOnce(title, text, lines) {
  return dialog(title, (close) => [
    el('p', {}, text),
    el('pre', { class: 'log', tabindex: '0' }, lines.join('\n')),
    el('div', { class: 'row' }, button('Done', close, { class: 'primary', autofocus: true })),
  ]);
}

async function drawSessions(page) {
  try {
    const items = await get('auth', 'sessions');
    const rows = items.map((one) => [
      one.address,
      timeText(one.createdAt),
      timeText(one.lastSeenAt),
      one.current
        ? 'this session'
        : button('End', () => void end(page, ['auth', 'sessions', one.sessionRef], drawSessions), { class: 'little' }),
    ]);
    show(
      page.sessions,
      el(
        'div',
        { class: 'head' },
        el('h2', {}, 'Active sessions'),
        button('End all others', () => void endAll(page), { class: 'little' }),
      ),
      table(['Address', 'Since', 'Last seen', ''], rows),
    );
  } catch (problem) {
    show(page.sessions, problemNote(problem));
  }
}

async function end(page, pieces, draw) {
  try {
    await remove(pieces);
  } catch (problem) {
    show(page.notes, problemNote(problem));
  }
  await draw(page);
}

/** Ends every other session; tokens of scripts as well when that is wished. */
function endAll(page) {
  return dialog('End all other sessions?', (close) => {
    const tokens = field({ name: 'tokens', label: 'Revoke all tokens for scripts as well', type: 'checkbox' });
    const submit = async ({ tokens: also }) => {
      const { body } = await call('DELETE', ['auth', 'sessions'], { query: { tokens: also } });
      close();
      show(page.notes, note('is-good', endedText(body)));
      await Promise.all([drawSessions(page), drawTokens(page)]);
    };
    return [
      el('p', {}, 'Browsers that are logged in as you, except this one, have to log in again.'),
      form({ fields: [tokens], label: 'End sessions', danger: true, submit, secondary: button('Cancel', close) }),
    ];
  });
}

async function drawTokens(page) {
  try {
    const items = await get('auth', 'tokens');
    const rows = items.map((one) => [
      one.label,
      one.role,
      timeText(one.expiresAt),
      timeText(one.lastUsedAt),
      button('Revoke', () => void end(page, ['auth', 'tokens', one.tokenId], drawTokens), {
        class: 'little',
        'aria-label': `Revoke ${one.label}`,
      }),
    ]);
    show(
      page.tokens,
      el(
        'div',
        { class: 'head' },
        el('h2', {}, 'Tokens for scripts'),
        button('New token', () => void newToken(page), { class: 'little' }),
      ),
      table(['Label', 'Role', 'Expires', 'Last used', ''], rows, { empty: 'None.' }),
    );
  } catch (problem) {
    show(page.tokens, problemNote(problem));
  }
}

function newToken(page) {
  const { role } = page.session.user;
  const options = (role === 'admin' ? ['viewer', 'operator', 'accountant', 'admin'] : ['viewer', role]).filter(
    (one, at, all) => all.indexOf(one) === at,
  );
  return dialog('New token', (close) => {
    const fields = [
      field({
        name: 'label',
        label: 'Label',
        help: 'Purpose of the token.',
        attrs: { maxlength: '60', autofocus: true },
      }),
      field({
        name: 'role',
        label: 'Role',
        type: 'select',
        value: 'viewer',
        options: options.map((one) => [one, one]),
      }),
      field({ name: 'days', label: 'Validity in days', value: '90', attrs: { inputmode: 'numeric' } }),
    ];
    const submit = async ({ label, role: chosen, days }) => {
      const { token } = await post(['auth', 'tokens'], { label: label.trim(), role: chosen, days: Number(days) });
      close();
      await showOnce('Token', 'It is shown only now. Send it as Authorization: Bearer.', [token]);
      await drawTokens(page);
    };
    return [form({ fields, label: 'Create token', submit, secondary: button('Cancel', close) })];
  });
}
