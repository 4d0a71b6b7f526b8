import { call, get, Problem } from '../lib/api.mjs';
import { button, el, note, problemNote, show } from '../lib/dom.mjs';
import { form } from '../lib/form.mjs';
import { words } from '../lib/format.mjs';
import { forgetSetupToken, keepSetupToken, setupToken, setupTokenField, withSetupToken } from '../lib/setup-token.mjs';
import { setupForm } from './setup-form.mjs';

const POLL_MS = 700;
/** First set-up of a home: token, then one click for the simulator or the whole form, then progress. */
export function setupView(node, { reload }) {
  const page = { node, reload, token: setupToken(), timer: undefined, over: false };
  void begin(page);
  return () => {
    page.over = true;
    clearTimeout(page.timer);
  };
}

async function begin(page) {
  try {
    const status = await get('setup');
    if (status.running || status.progress.percent > 0) return watch(page, status);
    return page.token === '' ? askToken(page, status) : await tryToken(page, status);
  } catch (problem) {
    return failed(page, problem);
  }
}

function failed(page, problem) {
  if (page.over) return;
  // Gone: the home is set up.
  if (problem.status === 404 || problem.status === 409) return void page.reload();
  show(page.node, el('div', { class: 'medium' }, problemNote(problem)));
  page.timer = setTimeout(() => void begin(page), POLL_MS * 2);
}

function askToken(page, status, problem) {
  const token = setupTokenField();
  const submit = async ({ token: typed }) => {
    page.token = typed.trim();
    const { body } = await check(page, simulatorForm(status));
    choose(page, { ...status, sealAnchor: body.sealAnchor });
  };
  const node = form({ fields: [token], label: 'Continue', submit });
  show(
    page.node,
    el('div', { class: 'narrow card' }, el('h1', {}, 'Set up your bot'), problem ? problemNote(problem) : null, node),
  );
  token.input.focus();
}

async function tryToken(page, status) {
  try {
    const { body } = await check(page, simulatorForm(status));
    choose(page, { ...status, sealAnchor: body.sealAnchor });
  } catch (problem) {
    if (!(problem instanceof Problem) || problem.status === 0) throw problem;
    page.token = '';
    forgetSetupToken();
    askToken(page, status, problem);
  }
}

async function check(page, body) {
  const answer = await call('POST', ['setup', 'check'], { body, headers: withSetupToken(page.token) });
  keepSetupToken(page.token);
  return answer;
}

function simulatorForm({ defaults }) {
  return { ...defaults, broker: 'SIM', brokerCredentials: {}, smtp: {}, journalServer: {}, settings: {} };
}

function choose(page, status) {
  const simulator = el(
    'section',
    { class: 'card' },
    el('h2', {}, 'Start with the simulator'),
    el('p', {}, 'A simulated market and a simulated broker on this machine. No account, no network, no real money.'),
    el('p', { class: 'muted small' }, `Float $${status.defaults.openingFloat}; you can change settings later.`),
    button(
      'Start with the simulator',
      (event) => {
        event.currentTarget.disabled = true;
        void send(page, simulatorForm(status));
      },
      { class: 'primary' },
    ),
  );
  const own = el(
    'section',
    { class: 'card' },
    el('h2', {}, 'Configure everything yourself'),
    el('p', {}, 'Bot identity, float, symbols, broker and mail.'),
    button('Fill in the form', () => wholeForm(page, status)),
  );
  show(
    page.node,
    el(
      'div',
      { class: 'medium' },
      el('h1', {}, 'Set up your bot'),
      el('p', { class: 'lead' }, 'Keys, encrypted configuration, journal and books are created on this machine only.'),
      el('div', { class: 'choices' }, simulator, own),
    ),
  );
}

function wholeForm(page, status) {
  const form = setupForm(status, {
    check: (body) => check(page, body),
    checkJournal: (body) => call('POST', ['setup', 'journal-check'], { body, headers: withSetupToken(page.token) }),
    send: (body) => send(page, body),
    back: () => choose(page, status),
  });
  show(page.node, el('div', { class: 'medium' }, el('h1', {}, 'Set up your bot'), form));
  form.querySelector('input').focus();
}

async function send(page, body) {
  try {
    await call('POST', ['setup'], { body, headers: withSetupToken(page.token) });
  } catch (problem) {
    if (page.node.querySelector('form')) throw problem;
    show(
      page.node,
      el(
        'div',
        { class: 'medium' },
        problemNote(problem),
        button('Back', () => void begin(page)),
      ),
    );
    return;
  }
  await poll(page);
}

async function poll(page) {
  if (page.over) return;
  try {
    watch(page, await get('setup'));
  } catch (problem) {
    failed(page, problem);
  }
}

function watch(page, { progress, running, error, state }) {
  const bar = el('progress', { max: '100', value: String(progress.percent), 'aria-label': 'Set-up progress' });
  const stopped = !running && error !== null;
  show(
    page.node,
    el(
      'div',
      { class: 'narrow card' },
      el('h1', {}, stopped ? 'The set-up stopped' : 'Setting up'),
      bar,
      el('p', { role: 'status' }, `${progress.percent} % \u00b7 ${words(progress.step || state)}`),
      stopped ? problemNote(error) : null,
      !stopped && !running ? note('', 'Waiting for the bot ...') : null,
      stopped ? button('Fill in again', () => void restart(page), { class: 'primary' }) : null,
    ),
  );
  if (!stopped) page.timer = setTimeout(() => void poll(page), POLL_MS);
}

async function restart(page) {
  const status = await get('setup');
  if (page.token === '') askToken(page, status);
  else await tryToken(page, status);
}
