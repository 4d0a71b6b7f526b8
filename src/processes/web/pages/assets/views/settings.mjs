import { call } from '../lib/api.mjs';
import { button, dialog, el, note, problemNote, show, table } from '../lib/dom.mjs';
import { field, form, showProblem } from '../lib/form.mjs';
import { capital, timeText } from '../lib/format.mjs';
import { secretsPart } from './secrets.mjs';

const HIDDEN = '***';

/** Settings as the schema describes them: edit, review, save; then secrets, and the history of changes. */
export function settingsView(node, { session }) {
  const page = {
    node,
    fields: new Map(),
    notes: el('div', {}),
    bar: el('div', { class: 'bar', hidden: true }),
    history: el('section', { class: 'card', id: 'history' }),
    mayChangeSecrets: session.user.permissions.includes('secrets'),
  };
  void load(page);
}

async function load(page) {
  try {
    const { body, etag } = await call('GET', ['settings']);
    page.etag = etag;
    draw(page, body);
    await drawHistory(page, undefined);
  } catch (problem) {
    show(page.node, problemNote(problem));
  }
}

function draw(page, { groups, generation, openSession }) {
  page.fields.clear();
  page.bar.hidden = true;
  page.openSession = openSession;
  const links = [...groups.map(({ group }) => [group, capital(group)]), ['secrets', 'Secrets'], ['history', 'History']];
  const side = links.map(([id, text]) => el('li', {}, el('a', { href: `#${id}`, on: { click: jump } }, text)));
  const editor = el(
    'form',
    { class: 'groups', novalidate: true },
    ...groups.map((group) => groupCard(page, group)),
    page.bar,
  );
  editor.addEventListener('submit', (event) => {
    event.preventDefault();
    void review(page);
  });
  editor.addEventListener('input', () => drawBar(page));
  const secrets = page.mayChangeSecrets ? secretsPart() : null;
  const head = el('p', { class: 'muted small' }, `Encrypted at rest; key generation ${generation}.`);
  show(
    page.node,
    el('h1', {}, 'Settings'),
    head,
    page.notes,
    pendingCard(page, groups),
    el(
      'div',
      { class: 'with-side' },
      el('nav', { class: 'side', 'aria-label': 'Groups of settings' }, el('ul', {}, ...side)),
      el('div', {}, editor, el('div', { class: 'below' }, secrets, page.history)),
    ),
  );
}

/** The changes that wait for the next session, each with a way to withdraw it; nothing when none does. */
function pendingCard(page, groups) {
  const waiting = groups.flatMap(({ settings }) => settings).filter(({ pending }) => pending !== null);
  if (waiting.length === 0) return null;
  const rows = waiting.map(({ key, value, secret, pending }) => [
    el('span', { class: 'mono' }, key),
    shown(value, secret),
    el('ins', {}, shown(pending.value, secret)),
    el('span', {}, `${pending.byName}, `, timeText(pending.since)),
    pending.reason,
    button('Withdraw', () => withdraw(page, [key]), { class: 'little', 'aria-label': `Withdraw ${key}` }),
  ]);
  return el(
    'section',
    { class: 'card', id: 'pending' },
    el('h2', {}, 'Pending changes'),
    el('p', { class: 'muted small' }, `${untilText(page)} The next session begins with these changes.`),
    table(['Key', 'Value now', 'From the next session', 'Saved by', 'Reason', ''], rows),
  );
}

function untilText({ openSession }) {
  return openSession === null ? '' : `The session of ${openSession} keeps the values it began with.`;
}

function withdraw(page, keys) {
  void confirmSave(page, { withdraw: keys }, 'Withdraw this pending change?', 'Withdrawn.');
}

/** The address stays as it is: a hash is not a page. */
function jump(event) {
  event.preventDefault();
  const target = document.getElementById(event.currentTarget.getAttribute('href').slice(1));
  target?.scrollIntoView({ block: 'start' });
  target?.querySelector('input, select, button, textarea')?.focus({ preventScroll: true });
}

function groupCard(page, { group, settings }) {
  const rows = settings.map((setting) => settingRow(page, setting));
  return el('section', { class: 'card', id: group }, el('h2', {}, capital(group)), ...rows);
}

function settingRow(page, setting) {
  const input = field({ ...controlOf(setting), name: setting.key, label: setting.label, help: setting.help });
  page.fields.set(setting.key, { input, setting });
  input.input.disabled = setting.locked !== '';
  const facts = [
    el('p', { class: 'mono' }, setting.key),
    el('p', { class: 'muted small' }, rangeText(setting)),
    el('p', {}, ...tags(setting)),
    setting.locked === '' ? null : el('p', { class: 'small' }, setting.locked),
    pendingText(setting),
  ];
  return el('div', { class: 'setting', 'data-key': setting.key }, input.row, el('div', {}, ...facts));
}

function pendingText({ pending, secret }) {
  if (pending === null) return null;
  return el(
    'p',
    { class: 'small' },
    el('span', { class: 'tag is-warn' }, 'pending'),
    ` ${shown(pending.value, secret)} from the next session, saved by ${pending.byName}.`,
  );
}

function rangeText({ mustBe, unit, default: standard, secret, inherits }) {
  const byDefault =
    inherits === null
      ? `Default ${standard === '' ? 'empty' : standard}${unit === '' ? '' : ` ${unit}`}.`
      : `If empty: the value of ${inherits}.`;
  const parts = [`Must be ${mustBe}.`, secret ? '' : byDefault];
  return parts.filter(Boolean).join(' ');
}

function tags({ change, takesEffect }) {
  return [
    el('span', { class: 'tag' }, change === 'hot' ? 'takes effect immediately' : 'takes effect from the next session'),
    takesEffect ? null : el('span', { class: 'tag is-warn' }, 'no effect in this version'),
  ].filter(Boolean);
}

function controlOf({ kind, choices, value, secret, unit }) {
  if (kind === 'boolean')
    return {
      type: 'select',
      value,
      options: [
        ['true', 'on'],
        ['false', 'off'],
      ],
    };
  if (choices !== null && (kind === 'choice' || kind === 'name')) {
    return { type: 'select', value, options: choices.map((one) => [one, one === '' ? '(empty)' : one]) };
  }
  const hint = secret && value === HIDDEN ? 'set; type to replace it' : unit;
  const attrs = { autocomplete: 'off', placeholder: hint === '' ? null : hint };
  return { type: secret ? 'password' : 'text', value: secret && value === HIDDEN ? '' : value, attrs };
}

function changesOf(page) {
  const entries = [...page.fields].flatMap(([key, { input, setting }]) => {
    const before = setting.secret && setting.value === HIDDEN ? '' : setting.value;
    return input.value.trim() === before ? [] : [[key, input.value.trim()]];
  });
  return Object.fromEntries(entries);
}

function drawBar(page) {
  const changed = Object.keys(changesOf(page));
  for (const row of page.node.querySelectorAll('.setting')) {
    row.classList.toggle('is-changed', changed.includes(row.dataset.key));
  }
  page.bar.hidden = changed.length === 0;
  const count = changed.length === 1 ? '1 change' : `${changed.length} changes`;
  show(
    page.bar,
    el('strong', { role: 'status' }, count),
    el('button', { type: 'submit', class: 'primary push' }, 'Review changes'),
    button('Discard changes', () => void load(page)),
  );
}

async function review(page) {
  const inputs = [...page.fields.values()].map(({ input }) => input);
  for (const one of inputs) one.fault('');
  const changes = changesOf(page);
  if (Object.keys(changes).length === 0) return;
  await confirmSave(
    page,
    { changes },
    'Save these changes?',
    'Saved. Keys were rotated and all secrets encrypted again.',
  );
}

function put(page, body, query) {
  return call('PUT', ['settings'], { body, query, headers: { 'If-Match': page.etag } });
}

function shown(text, secret) {
  if (secret) return HIDDEN;
  return text === null || text === '' ? '(empty)' : text;
}

/** Shows what a request would do, and sends it with a reason; an end of all trading is confirmed in words. */
async function confirmSave(page, asked, title, done) {
  const inputs = [...page.fields.values()].map(({ input }) => input);
  let preview;
  try {
    ({ body: preview } = await put(page, { ...asked, reason: 'preview' }, { dryRun: true }));
    show(page.notes);
  } catch (problem) {
    showProblem(problem, inputs, page.notes);
    return;
  }
  const { changes, endsTrading } = preview;
  dialog(title, (close) => {
    const reason = field({
      name: 'reason',
      label: 'Reason',
      help: 'Recorded in the journal with your name.',
      attrs: { maxlength: '200', autofocus: true },
    });
    const confirm = endsTrading.length === 0 ? null : confirmField();
    const save = async (values) => {
      if (confirm !== null && !isConfirmed(values)) {
        confirm.fault(`Type ${CONFIRMATION}, or go back and change the settings.`);
        return;
      }
      const body = { ...asked, reason: values.reason.trim() || 'settings page' };
      await put(page, confirm === null ? body : { ...body, confirmNoTrading: true }, {});
      close();
      await load(page);
      show(page.notes, note('is-good', done));
      page.notes.scrollIntoView({ block: 'nearest' });
    };
    return [
      changeTable(changes),
      ...endsTrading.map((text) => note('is-bad', `These settings end all trading: ${text}.`)),
      form({
        fields: [confirm, reason].filter(Boolean),
        label: 'Save',
        submit: save,
        secondary: button('Back', close),
      }),
    ];
  });
}

function changeTable(changes) {
  const rows = changes.map(({ key, from, to, secret, takesEffectAt }) => [
    el('span', { class: 'mono' }, key),
    el('del', {}, shown(from, secret)),
    el('ins', {}, shown(to, secret)),
    takesEffectAt,
  ]);
  return table(['Key', 'Before', 'After', 'Takes effect'], rows);
}

const CONFIRMATION = 'NO TRADING';

function confirmField() {
  return field({
    name: 'confirm',
    label: `Type ${CONFIRMATION} to confirm`,
    help: 'The bot opens no position until the settings are changed again. Exits, stop and kill still work.',
    attrs: { autocomplete: 'off' },
  });
}

function isConfirmed({ confirm }) {
  return confirm.trim().toUpperCase() === CONFIRMATION;
}

const KEYS_SHOWN = 6;

async function drawHistory(page, cursor) {
  const { body } = await call('GET', ['settings', 'history'], { query: { limit: 20, cursor } });
  const rows = body.items.map(({ at, actorName, reason, status, changes }) => [
    timeText(at),
    actorName,
    changeList(status, changes),
    reason,
  ]);
  show(
    page.history,
    table(['When', 'Who', 'Changes', 'Reason'], rows, { caption: 'History of changes' }),
    body.nextCursor === null
      ? null
      : button('Older', () => void drawHistory(page, body.nextCursor), { class: 'little' }),
    cursor === undefined ? null : button('Newest', () => void drawHistory(page, undefined), { class: 'little' }),
  );
}

/** The first settings of a bot are a hundred changes at once: the rest is there when it is asked for. */
function changeList(status, changes) {
  const items = changes.map(({ key, from, to, secret }) => {
    const values = status === 'withdrawn' ? '' : ` ${shown(from, secret)} \u2192 ${shown(to, secret)}`;
    const words = status === 'changed' ? '' : status === 'pending' ? ' (pending)' : ' (pending change withdrawn)';
    return el('li', {}, el('span', { class: 'mono' }, key), `${values}${words}`);
  });
  const first = el('ul', { class: 'plain' }, ...items.slice(0, KEYS_SHOWN));
  if (items.length <= KEYS_SHOWN) return first;
  const rest = el('ul', { class: 'plain' }, ...items.slice(KEYS_SHOWN));
  return el('div', {}, first, el('details', {}, el('summary', {}, `${items.length - KEYS_SHOWN} more`), rest));
}
