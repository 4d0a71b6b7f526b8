import { button, el, note, pill, show, table } from '../lib/dom.mjs';
import { field, showProblem } from '../lib/form.mjs';
import { capital } from '../lib/format.mjs';

const KINDS = [
  ['file', 'A file in this home'],
  ['server', 'An EventStoreDB server'],
];
const ENCRYPTION = [
  ['tls', 'TLS'],
  ['none', 'None: everybody in that network may read the journal'],
];
const PILLS = { ok: 'is-good', warning: 'is-warn', failed: 'is-bad', open: '' };

/**
 * The journal of the set-up: in the home, or on a server with its login. `acts.checkJournal(body)` looks at the server;
 * `bodyOf()` is the whole form. `given()` are the fields that count for the choice.
 */
export function journalPart({ journalServer }, acts, bodyOf) {
  const kind = select(
    'journal.kind',
    'Journal',
    KINDS,
    'The file is right for one machine. A server keeps the journals of many bots.',
  );
  const address = field({
    name: 'settings.JOURNAL_URL',
    label: 'Server address',
    help: 'Host and port, several nodes separated by commas, or esdb+discover:// and the name of a cluster.',
    attrs: { placeholder: 'host:2113', autocomplete: 'off', autocapitalize: 'none' },
  });
  const encryption = select(
    'journal.encryption',
    'Journal encryption',
    ENCRYPTION,
    'Without TLS no user and password are sent.',
  );
  const caFile = field({
    name: 'journal.caFile',
    label: 'CA file',
    help: 'Absolute path on this machine, when the authority of the server is a private one.',
    attrs: { autocomplete: 'off', autocapitalize: 'none' },
  });
  const login = journalServer.map(({ name, label, secret }) =>
    field({
      name: `journalServer.${name}`,
      label: `Journal ${label.toLowerCase()}`,
      type: secret && name.endsWith('PASSWORD') ? 'password' : 'text',
      attrs: { autocomplete: 'off', autocapitalize: 'none' },
    }),
  );
  const url = {
    name: address.name,
    row: address.row,
    input: address.input,
    fault: address.fault,
    get value() {
      return journalUrl(address.value, encryption.value, caFile.value);
    },
  };
  const shown = [url, ...login];
  const outcome = el('div', { 'aria-live': 'polite' });
  const look = button('Check', () => void check({ look, outcome, fields: shown, acts, bodyOf }));
  const box = el(
    'div',
    { hidden: true },
    address.row,
    el('div', { class: 'pair' }, encryption.row, caFile.row, ...login.map((one) => one.row)),
    el('div', { class: 'row' }, look),
    outcome,
  );
  kind.input.addEventListener('change', () => {
    box.hidden = kind.value === 'file';
  });
  return { rows: [kind.row, box], fields: shown, given: () => (kind.value === 'file' ? [] : shown) };
}

function select(name, label, options, help) {
  return field({ name, label, help, type: 'select', value: options[0][0], options });
}

/** A whole URL is taken as it is; host and port become one. */
function journalUrl(address, encryption, caFile) {
  const text = address.trim();
  const url = text.includes('://') ? text : `esdb://${text}`;
  const options = [
    encryption === 'none' ? 'tls=false' : '',
    caFile.trim() === '' ? '' : `tlsCAFile=${encodeURIComponent(caFile.trim())}`,
  ].filter(Boolean);
  return options.length === 0 ? url : `${url}${url.includes('?') ? '&' : '?'}${options.join('&')}`;
}

async function check({ look, outcome, fields, acts, bodyOf }) {
  look.disabled = true;
  for (const one of fields) one.fault('');
  show(outcome, note('', 'Looking at the server. A server that gives no answer takes some seconds ...'));
  try {
    const { body } = await acts.checkJournal(bodyOf());
    show(outcome, findings(body));
  } catch (problem) {
    showProblem(problem, fields, outcome);
  } finally {
    look.disabled = false;
  }
}

/** A sentence that begins with an address keeps its first letter. */
const sentence = (text) => (/^\S*[:/]/.test(text) ? text : capital(text));

function findings({ ok, findings: found }) {
  const rows = found.map(({ name, result, text, remedy }) => [
    el('div', {}, el('p', {}, capital(name)), pill(PILLS[result], result === 'open' ? 'not tried' : result)),
    el('div', {}, el('p', {}, sentence(text)), remedy === '' ? null : el('p', { class: 'muted small' }, remedy)),
  ]);
  return el(
    'div',
    {},
    note(
      ok ? 'is-good' : 'is-bad',
      ok ? 'The bot can run with this journal.' : 'The bot cannot run with this journal.',
    ),
    table(['Check', 'Finding'], rows),
  );
}
