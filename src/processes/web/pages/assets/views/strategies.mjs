import { call, get } from '../lib/api.mjs';
import { button, dialog, el, note, problemNote, show, table } from '../lib/dom.mjs';
import { field, form } from '../lib/form.mjs';
import { timeText } from '../lib/format.mjs';

/** Own strategies, what each value of a setting made, and the list of inverse ETFs. */
export function strategiesView(node, { session }) {
  const page = { node, maySet: session.user.permissions.includes('settings') };
  void draw(page);
}

async function draw(page, done = '') {
  try {
    const [own, inverse, tuning] = await Promise.all([
      get('strategies', 'own'),
      get('strategies', 'inverse-etfs'),
      get('strategies', 'tuning'),
    ]);
    show(
      page.node,
      el('h1', {}, 'Strategies'),
      done === '' ? null : note('is-good', el('p', {}, done)),
      ownCard(own),
      inverseCard(page, inverse),
      tuningCard(tuning),
    );
  } catch (problem) {
    show(page.node, el('h1', {}, 'Strategies'), problemNote(problem));
  }
}

function ownCard({ strategies, refused }) {
  return el(
    'section',
    { class: 'card', 'aria-label': 'Own strategies' },
    el('h2', {}, 'Own strategies'),
    el(
      'p',
      { class: 'muted' },
      'Found in the folder strategies/ of the home when the bot started. STRATEGY_SEQUENCE decides which trade.',
    ),
    ...refused.map(({ name, where, cause, remedy }) =>
      note('is-bad', el('p', {}, el('strong', {}, `${name} was refused`), `: ${where}: ${cause}`), el('p', {}, remedy)),
    ),
    table(
      ['Name', 'Description', 'Module', 'SHA-256'],
      strategies.map(({ name, description, file, sha256 }) => [name, description, file, sha256.slice(0, 12)]),
      { caption: 'Own strategies', empty: 'None. Make one with tradebot new-strategy NAME.' },
    ),
  );
}

function inverseCard(page, list) {
  const { version, entries, changedAt, by, reason } = list;
  const edit = page.maySet ? button('Edit \u2026', () => void editInverse(page, list)) : null;
  return el(
    'section',
    { class: 'card', 'aria-label': 'Inverse ETFs' },
    el('h2', {}, 'Inverse ETFs'),
    el(
      'p',
      { class: 'muted' },
      'A bearish signal of a strategy with SHORT_TYPE InverseETF buys the ETF of its symbol. Without an entry it is not traded.',
    ),
    table(['Symbol', 'ETF'], Object.entries(entries), { caption: 'Inverse ETFs', empty: 'No entry.' }),
    version === 0
      ? null
      : el('p', { class: 'muted' }, `Version ${version}, by ${by}, `, timeText(changedAt), `: ${reason}`),
    edit === null ? null : el('div', { class: 'row' }, edit),
  );
}

function editInverse(page, { version, entries }) {
  return dialog('Edit the list of inverse ETFs', (close) => {
    const lines = field({
      ...{ name: 'entries', label: 'Entries', type: 'textarea', help: 'One SYMBOL=ETF a line, such as SPY=SH.' },
      value: Object.entries(entries)
        .map((one) => one.join('='))
        .join('\n'),
      attrs: { rows: '8', autofocus: true },
    });
    const why = field({
      ...{
        name: 'reason',
        label: 'Reason (required)',
        help: '3 to 300 characters; it is kept in the journal with your name.',
      },
      attrs: { autocomplete: 'off', maxlength: '300' },
    });
    const submit = async (values) => {
      const body = { version: String(version), entries: entriesOf(values.entries), reason: values.reason };
      const { body: saved } = await call('PUT', ['strategies', 'inverse-etfs'], { body });
      close();
      await draw(page, `The list has version ${saved.version} now.`);
    };
    return [form({ fields: [lines, why], label: 'Save', submit, secondary: button('Cancel', close) })];
  });
}

function entriesOf(text) {
  const lines = text.split('\n').map((line) => line.trim());
  const pairs = lines
    .filter((line) => line !== '')
    .map((line) => line.split('=').map((part) => part.trim().toUpperCase()));
  return Object.fromEntries(pairs.map(([symbol, etf = '']) => [symbol, etf]));
}

function tuningCard({ rows }) {
  const cells = rows.map((row) => [
    row.strategy,
    `${row.parameter}=${row.value}`,
    row.sessions,
    row.trades,
    row.winRate ?? '',
    row.averagePnl ?? '',
    row.netPnl,
    row.averageMinutes ?? '',
    row.blocked,
    row.rejected,
    row.tickers.map(({ symbol, trades }) => `${symbol} ${trades}`).join(', '),
  ]);
  return el(
    'section',
    { class: 'card', 'aria-label': 'Settings compared' },
    el('h2', {}, 'Settings compared'),
    el(
      'p',
      { class: 'muted' },
      'What each value of each setting of a strategy made, of all sessions that began with it.',
    ),
    table(
      [
        'Strategy',
        'Setting',
        'Sessions',
        'Trades',
        'Win rate',
        'Average P&L',
        'P&L',
        'Minutes',
        'Blocked',
        'Refused',
        'Symbols',
      ],
      cells,
      { caption: 'Settings compared', numeric: [2, 3, 4, 5, 6, 7, 8, 9], empty: 'No session yet.' },
    ),
  );
}
