import { call, get, post } from '../lib/api.mjs';
import { button, dialog, el, note, pill, problemNote, show, table } from '../lib/dom.mjs';
import { field, form } from '../lib/form.mjs';
import { timeText } from '../lib/format.mjs';

const GROUP = 'fields.';
const LABELS = {
  bot_identity: 'Identity',
  broker_credentials: 'Broker',
  screener_api: 'Screener providers',
  smtp: 'Mail server',
  alert_channels: 'Alert channels',
  network_config: 'Network',
  acct_api: 'Accounting',
  holdings_config: 'Holdings',
  login: 'Second factors',
  hub: 'Hub',
  journal_server: 'Journal server',
};

/** Shows which secrets are set; values can be entered but are never shown. */
export function secretsPart() {
  const part = { node: el('section', { class: 'card', id: 'secrets' }), notes: el('div', {}) };
  void load(part);
  return part.node;
}

async function load(part) {
  try {
    draw(part, await get('secrets'));
  } catch (problem) {
    show(part.node, el('h2', {}, 'Secrets'), problemNote(problem));
  }
}

function draw(part, { secrets, masterKey, warning, generation, earliestKept }) {
  const rows = secrets.map((secret) => {
    const set = secret.fields.filter((one) => one.set).length;
    return [
      el('div', {}, LABELS[secret.name] ?? secret.name, el('p', { class: 'muted small' }, secret.use)),
      set === 0 ? pill('', 'not set') : pill(secret.used ? 'is-good' : '', `${set} set`),
      secret.changedAt === null ? '' : timeText(secret.changedAt),
      secret.editable
        ? button('Change', () => void edit(part, secret), {
            class: 'little',
            'aria-label': `Change ${LABELS[secret.name] ?? secret.name}`,
          })
        : '',
    ];
  });
  show(
    part.node,
    el(
      'div',
      { class: 'head' },
      el('h2', {}, 'Secrets'),
      button('Rotate keys', () => void rotate(part), { class: 'little' }),
      button('Destroy earlier keys', () => void destroyEarlier(part), { class: 'little' }),
    ),
    part.notes,
    el(
      'p',
      { class: 'muted small' },
      `Generation ${generation}; ${masterKey ? 'encrypted with a master key' : 'no master key'}. ${keptText(generation, earliestKept)}`,
    ),
    warning === '' ? null : note('is-warn', warning),
    table(['Secret', 'State', 'Changed', ''], rows),
  );
}

function edit(part, { name, fields, open }) {
  return dialog(LABELS[name] ?? name, (close) => {
    const inputs = fields.map((one) =>
      field({
        // As the server names it in its faults.
        name: `${GROUP}${one.name}`,
        label: one.label,
        type: one.secret ? 'password' : 'text',
        help: [one.help, one.set ? 'Set; leave empty to keep it.' : ''].filter(Boolean).join(' '),
        attrs: { autocomplete: 'new-password' },
      }),
    );
    const added = open ? newField() : [];
    const submit = async (values) => {
      await call('PUT', ['secrets', name], { body: { fields: givenOf(values) } });
      close();
      show(part.notes, note('is-good', 'Saved and encrypted with new keys.'));
      await load(part);
    };
    return [form({ fields: [...inputs, ...added], label: 'Save', submit, secondary: button('Cancel', close) })];
  });
}

/** Lists of providers and channels accept fields with any name. */
function newField() {
  return [
    field({
      name: 'newName',
      label: 'New field',
      help: 'For example 1_PROVIDER.',
      attrs: { autocomplete: 'off', maxlength: '60' },
    }),
    field({ name: 'newValue', label: 'Value', type: 'password', attrs: { autocomplete: 'new-password' } }),
  ];
}

function givenOf({ newName = '', newValue = '', ...values }) {
  const given = Object.entries(values)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => [name.slice(GROUP.length), value]);
  const added = newName.trim() === '' ? [] : [[newName.trim(), newValue]];
  return Object.fromEntries([...given, ...added]);
}

function keptText(generation, earliestKept) {
  if (earliestKept === generation) return 'No earlier generation is kept.';
  return earliestKept === generation - 1
    ? `Generation ${earliestKept} is kept encrypted.`
    : `Generations ${earliestKept} to ${generation - 1} are kept encrypted.`;
}

/** For a secret that leaked: what was stored before opens no more, not even from a copy of the backups. */
function destroyEarlier(part) {
  return dialog('Destroy earlier keys', (close) => {
    const submit = async ({ reason }) => {
      const { generation } = await post(['secrets', 'destroy-earlier'], { reason });
      close();
      show(part.notes, note('is-good', `Earlier generations destroyed: generation ${generation} is the only one.`));
      await load(part);
    };
    return [
      el(
        'p',
        {},
        'Keys, secrets and settings of all earlier generations are deleted and cannot be restored. Those in use stay.',
      ),
      form({
        fields: [
          field({
            name: 'reason',
            label: 'Reason (required)',
            help: 'Kept in the journal.',
            attrs: { required: true, minlength: '3', maxlength: '300' },
          }),
        ],
        label: 'Destroy',
        submit,
        secondary: button('Cancel', close),
      }),
    ];
  });
}

async function rotate(part) {
  try {
    const { generation } = await post(['secrets', 'rotate']);
    show(part.notes, note('is-good', `Keys rotated: generation ${generation}.`));
    await load(part);
  } catch (problem) {
    show(part.notes, problemNote(problem));
  }
}
