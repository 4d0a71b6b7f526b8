import { call, download, get, post } from '../lib/api.mjs';
import { button, el, note, pill, problemNote, show, table } from '../lib/dom.mjs';
import { field, form } from '../lib/form.mjs';
import { bytesText, timeText } from '../lib/format.mjs';
import { onNews } from '../lib/live.mjs';
import { conversionsCard } from './conversions.mjs';
import { entryCards } from './entries.mjs';

const FORMATS = [
  ['ofx', 'OFX 2.2 (GnuCash, Quicken, KMyMoney)'],
  ['csv', 'CSV'],
  ['json', 'JSON'],
  ['hledger', 'hledger journal'],
  ['beancount', 'Beancount'],
];
const RANGES = [
  ['last', 'Last closed session'],
  ['session', 'One session'],
  ['days', 'Range of days'],
  ['now', 'From a day until now'],
];
const KINDS = {
  export: 'Export',
  seal: 'Seal',
  rebuild: 'Rebuild',
  check: 'Check',
  verify: 'Verify',
  backup: 'Backup',
};
const STATES = {
  waiting: ['is-calm', 'waiting'],
  running: ['is-calm is-live', 'running'],
  done: ['is-good', 'done'],
  differs: ['is-bad', 'differs'],
  failed: ['is-bad', 'failed'],
  cut_off: ['is-warn', 'cut off'],
};

/** Exports of the books, and the care of journal and files, with their last outcomes; each user sees what the role allows. */
export function booksView(node, { session }) {
  const { permissions } = session.user;
  const page = {
    may: (permission) => permissions.includes(permission),
    notes: el('div', {}),
    exports: el('section', { class: 'card' }),
    tasks: el('section', { class: 'card' }),
    conversions: el('div', {}),
    care: el('section', { class: 'card', 'aria-label': 'Journal and files' }),
    drawn: {},
  };
  show(
    node,
    el('h1', {}, 'Books'),
    el('p', { class: 'lead' }, 'Everything here works while the bot trades.'),
    page.notes,
    page.may('exports') ? el('section', { class: 'card' }, el('h2', {}, 'New export'), exportForm(page)) : null,
    page.exports,
    ...entryCards({ may: page.may, done: () => void page.refresh() }),
    page.conversions,
    page.care,
    page.tasks,
  );
  page.refresh = () => refresh(page);
  return onNews(page.refresh);
}

async function refresh(page) {
  try {
    const [books, exports, status] = await Promise.all([get('books', 'tasks'), get('exports'), statusOrNone()]);
    const { share_conversions: conversions } = status;
    once(page, 'conversions', conversions ?? [], () => show(page.conversions, conversionsCard(conversions)));
    once(page, 'care', books.projections, () => drawCare(page, books.projections));
    once(page, 'tasks', books.tasks, () => drawTasks(page, books.tasks));
    once(page, 'exports', exports, () => drawExports(page, exports));
    if (page.unreachable) show(page.notes);
    page.unreachable = false;
  } catch (problem) {
    page.unreachable = true;
    show(page.notes, problemNote(problem));
  }
}

/** A home without events has no status yet. */
async function statusOrNone() {
  try {
    return await get('status');
  } catch {
    return {};
  }
}

/** A part is drawn again only when its answer changed: nothing moves under a finger. */
function once(page, part, answer, draw) {
  const text = JSON.stringify(answer);
  if (page.drawn[part] === text) return;
  page.drawn[part] = text;
  draw();
}

function exportForm(page) {
  const format = field({ name: 'format', label: 'Format', type: 'select', value: 'ofx', options: FORMATS });
  const range = field({ name: 'range', label: 'Range', type: 'select', value: 'last', options: RANGES });
  const session = field({ name: 'session', label: 'Session', type: 'date' });
  const from = field({ name: 'from', label: 'First day', type: 'date' });
  const to = field({ name: 'to', label: 'Last day', type: 'date' });
  const help = el('p', { class: 'help' });
  const shown = () => {
    session.row.hidden = range.value !== 'session';
    from.row.hidden = range.value !== 'days' && range.value !== 'now';
    to.row.hidden = range.value !== 'days';
    help.textContent =
      range.value === 'now'
        ? 'Ends at the last entry so far. The statement of an open session has these entries again, with the same ids.'
        : '';
  };
  range.input.addEventListener('change', shown);
  shown();
  const fields = [format, range, session, from, to];
  const submit = async (values) => {
    const task = await post(['exports'], { format: values.format, ...daysOf(values) });
    asked(page, task);
  };
  const layout = [el('div', { class: 'pair' }, format.row, range.row), session.row, from.row, to.row, help];
  return form({ fields, label: 'Export', submit, layout });
}

function daysOf({ range, session, from, to }) {
  if (range === 'session') return { session };
  if (range === 'days') return { from, to };
  return range === 'now' ? { from, to: 'now' } : {};
}

function asked(page, { kind, subject }) {
  show(page.notes, note('is-good', `${KINDS[kind]}${subject === '' ? '' : ` (${subject})`} requested.`));
  void page.refresh();
}

function drawExports(page, { items, nextCursor }) {
  const rows = items.map((one) => [
    timeText(one.at),
    one.bytes === null
      ? `${one.fileName} (not there now)`
      : button(one.fileName, () => void save(page, one), { class: 'link', 'aria-label': `Download ${one.fileName}` }),
    timeText(one.to),
    one.upTo,
    bytesText(one.bytes),
    one.byName,
    el('code', { class: 'small', title: one.sha256 }, one.sha256.slice(0, 12)),
  ]);
  show(
    page.exports,
    table(['Made', 'File', 'Ends at', 'Up to position', 'Size', 'By', 'SHA-256'], rows, {
      caption: 'Exports',
      numeric: [4],
      empty: 'No exports yet.',
    }),
    nextCursor === null ? null : button('Older exports', () => void older(page, nextCursor), { class: 'little' }),
  );
}

/** `/api/exports/ofx/name.ofx`, fetched with the session: a link would carry half of it. */
async function save(page, { href, fileName }) {
  try {
    await download(href.split('/').slice(2), fileName);
  } catch (problem) {
    show(page.notes, problemNote(problem));
  }
}

async function older(page, cursor) {
  try {
    const { body } = await call('GET', ['exports'], { query: { cursor } });
    drawExports(page, body);
  } catch (problem) {
    show(page.notes, problemNote(problem));
  }
}

function drawCare(page, projections) {
  const which = field({
    name: 'name',
    label: 'Files of',
    type: 'select',
    value: 'all',
    options: [['all', 'all projections'], ...projections.map((name) => [name, name])],
  });
  const act = (label, pieces, body = () => undefined) =>
    button(label, async () => {
      try {
        asked(page, await post(pieces, body()));
      } catch (problem) {
        show(page.notes, problemNote(problem));
      }
    });
  const one = () => ({ name: which.value });
  const actions = [
    page.may('verify') ? act('Verify journal', ['books', 'verify']) : null,
    page.may('maintenance') ? act('Seal journal', ['books', 'seal']) : null,
    page.may('maintenance') ? act('Back up now', ['backups']) : null,
  ];
  const files = [
    page.may('verify') ? act('Check files', ['books', 'check'], one) : null,
    page.may('maintenance') ? act('Rebuild files', ['books', 'rebuild'], one) : null,
  ];
  show(
    page.care,
    el('h2', {}, 'Journal and files'),
    el('p', { class: 'help' }, 'Verify: the journal, its seals and the exports are what they were.'),
    el('div', { class: 'row' }, ...actions.filter(Boolean)),
    el('p', { class: 'help' }, 'Check: the files are compared with the journal; none is changed.'),
    which.row,
    el('div', { class: 'row' }, ...files.filter(Boolean)),
  );
}

function drawTasks(page, tasks) {
  const rows = tasks.map((task) => [
    timeText(task.startedAt),
    el('span', {}, el('strong', {}, KINDS[task.kind]), task.subject === '' ? '' : `, ${task.subject}`),
    stateOf(task),
    result(task),
    task.byName,
  ]);
  show(page.tasks, table(['When', 'Task', 'State', 'Result', 'By'], rows, { caption: 'Tasks', wide: [3] }));
}

function stateOf({ state, progress }) {
  const [kind, text] = STATES[state];
  return pill(kind, progress === null ? text : `${text}, ${progress}`);
}

function result({ summary, findings, file }) {
  if (summary === null) return '';
  const lines = file === null ? findings : [...findings, file];
  const list = el('ul', { class: 'checks small' }, ...lines.map((line) => el('li', {}, el('span', {}, line))));
  return el('div', {}, el('p', {}, summary), lines.length === 0 ? null : list);
}
