import { call, get } from '../lib/api.mjs';
import { button, el, note, problemNote, show, table } from '../lib/dom.mjs';
import { field, form } from '../lib/form.mjs';
import { words } from '../lib/format.mjs';

const ROWS = 50;

/** Why was it traded, or not: for each symbol and strategy of a session what was looked at and which rule ended it. */
export function decisionsView(node) {
  const page = { node, query: null, rows: [], answer: el('div', {}) };
  void begin(page);
}

async function begin(page) {
  const status = await get('status').catch(() => null);
  const date = status?.session?.date ?? '';
  const day = field({ name: 'date', label: 'Session', type: 'date', value: date, attrs: { required: true } });
  const symbol = field({ name: 'symbol', label: 'Symbol', help: 'All when empty.', attrs: { maxlength: '16' } });
  const strategies = Object.keys(status?.strategy_states ?? {});
  const strategy = field({
    ...{ name: 'strategy', label: 'Strategy', type: 'select', value: '' },
    options: [['', 'All'], ...strategies.map((name) => [name, name])],
  });
  const submit = (values) => ask(page, values);
  show(
    page.node,
    el('h1', {}, 'Decisions'),
    el('p', { class: 'lead' }, 'Why a symbol was traded in a session, or which rule ended it.'),
    el(
      'section',
      { class: 'card', 'aria-label': 'Question' },
      form({ fields: [day, symbol, strategy], label: 'Show', submit }),
    ),
    page.answer,
  );
  if (date !== '') await ask(page, { date, symbol: '', strategy: '' });
}

async function ask(page, { date, symbol, strategy }) {
  page.query = { date, symbol: symbol.trim().toUpperCase(), strategy, limit: ROWS };
  page.rows = [];
  await more(page, undefined);
}

async function more(page, cursor) {
  const { query } = page;
  try {
    const { body } = await call('GET', ['decisions'], { query: { ...query, cursor } });
    if (page.query !== query) return;
    page.rows.push(...body.items);
    draw(page, body);
  } catch (problem) {
    if (page.query === query) show(page.answer, problemNote(problem));
  }
}

function draw(page, { date, strategies, nextCursor }) {
  show(
    page.answer,
    el('section', { class: 'card' }, strategyTable(date, strategies)),
    el('section', { class: 'card' }, symbolTable(page.rows)),
    nextCursor === null
      ? null
      : el(
          'div',
          { class: 'row' },
          button('More', () => void more(page, nextCursor), { class: 'primary' }),
        ),
    page.rows.length === 0 ? note('', 'No symbol was looked at.') : null,
  );
}

function strategyTable(date, strategies) {
  const rows = strategies.map(({ strategy, outcome, ended, entries }) => [
    el('strong', {}, strategy),
    outcome,
    ruleText(ended),
    entries === null ? '' : `${entries.from} to ${entries.to}`,
  ]);
  return table(['Strategy', 'Outcome', 'Because', 'Entries possible (UTC)'], rows, {
    caption: `Strategies on ${date}`,
    wide: [2],
  });
}

function symbolTable(items) {
  const rows = items.map(({ symbol, strategy, rank, traded, ended, observed, steps }) => [
    el('strong', {}, symbol),
    strategy,
    rank === null ? 'not ranked' : String(rank),
    traded ? 'traded' : 'not traded',
    el('div', {}, `${words(ended.stage)}: ${ruleText(ended)}`, observedNote(observed), stepList(symbol, steps)),
  ]);
  return table(['Symbol', 'Strategy', 'Rank', 'Outcome', 'Rule that ended it'], rows, {
    caption: 'Symbols',
    numeric: [2],
    wide: [4],
  });
}

function observedNote(observed) {
  if (observed === null) return null;
  const { minutes, traded, closest } = observed;
  const seen = `Looked at ${minutes} minutes, traded in ${traded}`;
  const near =
    closest === null
      ? '; its figure was never known.'
      : `; closest at ${closest.at}: ${closest.figure} ${closest.value}, signal at ${closest.threshold}.`;
  return el('p', { class: 'muted small' }, `${seen}${near}`);
}

function stepList(symbol, steps) {
  if (steps.length === 0) return null;
  const items = steps.map((step) => el('li', {}, `${step.at ?? ''} ${words(step.stage)}: ${ruleText(step)}`));
  return el(
    'details',
    {},
    el('summary', { 'aria-label': `All steps of ${symbol}` }, `All ${steps.length} steps`),
    el('ol', { class: 'small' }, ...items),
  );
}

function ruleText({ code, figures }) {
  const pairs = Object.entries(figures).map(([name, value]) => `${name} ${value}`);
  return pairs.length === 0 ? code : `${code} (${pairs.join(', ')})`;
}
