import { button, el } from '../lib/dom.mjs';
import { field, form } from '../lib/form.mjs';
import { journalPart } from './setup-journal.mjs';

const CHECK_AFTER_MS = 500;

/** The whole form of the set-up; `acts`: check(body), checkJournal(body), send(body), back(). */
export function setupForm(status, acts) {
  const identity = identityFields(status);
  const trading = tradingFields(status);
  const mail = status.mail.map((one) => secretField('smtp', one));
  const broker = brokerParts(status);
  const anchor = anchorField(status);
  const journal = journalPart(status, acts, () => bodyOf(given()));
  const always = [...identity, broker.select, ...trading, ...mail, anchor];
  const given = () => [...always, ...broker.chosen(), ...journal.given()];
  const node = form({
    fields: [...always, ...broker.fields, ...journal.fields],
    label: 'Set up',
    submit: () => acts.send(bodyOf(given())),
    secondary: button('Back', acts.back),
    layout: [
      part('Identity', 'Part of every file name of this bot; it cannot be changed later.', pair(identity)),
      part('Broker', '', broker.select.row, ...broker.boxes, broker.account),
      part('Trading', '', ...trading.map((one) => one.row)),
      part(
        'Journal',
        'All events of the bot, from which its books are made; it cannot be moved on a page later.',
        ...journal.rows,
      ),
      part('Mail', 'Optional; for password resets.', pair(mail)),
      part('Proof outside the home', 'A journal that was cut together with its seals is noticed.', anchor.row),
    ],
  });
  liveCheck(node, given, acts.check, broker.account);
  return node;
}

function part(title, help, ...rows) {
  const lead = help === '' ? null : el('p', { class: 'muted small' }, help);
  return el('fieldset', { class: 'card' }, el('legend', {}, title), lead, ...rows);
}

function pair(fields) {
  return el('div', { class: 'pair' }, ...fields.map((one) => one.row));
}

function identityFields({ defaults: { identity } }) {
  const short = { maxlength: '12', autocapitalize: 'characters', autocomplete: 'off' };
  const one = (name, label, help) =>
    field({ name: `identity.${name}`, label, help, value: identity[name], attrs: short });
  return [
    one('entityCode', 'Entity', 'Owner code: 1-12 capital letters or digits.'),
    one('jurisdictionCode', 'Jurisdiction', 'For example US.'),
    one('brokerCode', 'Broker code', 'For example SIM.'),
    one('botId', 'Bot', 'Distinguishes your bots, for example B01.'),
  ];
}

/** Copies of the seals are the proposed choice; an empty field means no. */
function anchorField({ sealAnchor = '' }) {
  return field({
    name: 'settings.SEAL_ANCHOR_DIR',
    label: 'Seal anchor directory',
    help: 'Directory outside the home, best on another disk, for copies of the seals. Leave it empty for no copies.',
    value: sealAnchor,
    attrs: { autocomplete: 'off', spellcheck: 'false' },
  });
}

function tradingFields({ defaults }) {
  return [
    field({
      name: 'openingFloat',
      label: 'Float',
      help: 'Capital that the bot may trade with, in dollars.',
      value: defaults.openingFloat,
      attrs: { inputmode: 'decimal' },
    }),
    field({
      name: 'symbols',
      label: 'Symbols',
      help: 'Tickers that the bot may trade, separated by commas.',
      type: 'textarea',
      value: defaults.symbols.join(', '),
    }),
  ];
}

/** A field of a secret, as the server describes it. */
function secretField(group, { name, label, secret, help }) {
  const type = secret ? 'password' : 'text';
  return field({ name: `${group}.${name}`, label, help, type, attrs: { autocomplete: 'off' } });
}

function brokerParts(status) {
  const select = field({
    name: 'broker',
    label: 'Broker',
    help: 'The address of a broker says whether the account is a paper or a live one.',
    type: 'select',
    value: 'SIM',
    options: status.brokers.map(({ code, label }) => [code, label]),
  });
  const byBroker = status.brokers.map((broker) => {
    const fields = broker.fields.map((one) => secretField('brokerCredentials', one));
    const box = el('div', { class: 'pair', hidden: broker.code !== 'SIM' }, ...fields.map((one) => one.row));
    return { code: broker.code, fields, box };
  });
  select.input.addEventListener('change', () => {
    for (const one of byBroker) one.box.hidden = one.code !== select.value;
  });
  const chosen = () => byBroker.find((one) => one.code === select.value)?.fields ?? [];
  const fields = byBroker.flatMap((one) => one.fields);
  const account = el('p', { class: 'account', role: 'status' });
  return { select, boxes: byBroker.map((one) => one.box), fields, chosen, account };
}

/** Faults appear at the fields that were touched, and whose money it is, while the user keeps typing. */
function liveCheck(node, given, check, account) {
  const touched = new Set();
  let timer;
  node.addEventListener('input', (event) => {
    touched.add(event.target.name);
    clearTimeout(timer);
    timer = setTimeout(() => void showFaults(given(), { touched, check, account }), CHECK_AFTER_MS);
  });
}

async function showFaults(fields, { touched, check, account }) {
  try {
    const { body } = await check(bodyOf(fields));
    account.textContent = body.account;
    const texts = new Map(body.faults.map((fault) => [fault.field, fault.message]));
    for (const one of fields) if (touched.has(one.name)) one.fault(texts.get(one.name) ?? '');
  } catch {
    // Submitting reports a fault of the connection or the token.
  }
}

function bodyOf(fields) {
  const body = {
    identity: {},
    broker: 'SIM',
    brokerCredentials: {},
    openingFloat: '',
    symbols: [],
    smtp: {},
    journalServer: {},
    settings: {},
  };
  for (const { name, value } of fields) {
    const [outer, inner] = name.split('.');
    if (name === 'symbols') body.symbols = value.split(/[\s,;]+/).filter(Boolean);
    else if (inner === undefined) body[outer] = value.trim();
    else if (outer === 'identity' || value.trim() !== '') body[outer][inner] = value;
  }
  return body;
}
