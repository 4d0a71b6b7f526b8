import { call, download, get } from '../lib/api.mjs';
import { button, el, problemNote, show } from '../lib/dom.mjs';
import { field } from '../lib/form.mjs';
import { bytesText } from '../lib/format.mjs';

const FOLLOW_MS = 2_000;
const LINES = 200;

/** One log at a time: its latest lines, older lines, search, download. */
export function logsView(node) {
  const page = {
    node,
    name: '',
    search: '',
    cursor: null,
    following: true,
    lines: el('pre', { class: 'log', tabindex: '0', 'aria-label': 'Log lines' }),
    notes: el('div', {}),
  };
  void begin(page);
  const timer = setInterval(() => page.following && page.name !== '' && void tail(page), FOLLOW_MS);
  return () => clearInterval(timer);
}

async function begin(page) {
  try {
    const { logs } = await get('logs');
    draw(page, logs);
    await tail(page);
  } catch (problem) {
    show(page.node, problemNote(problem));
  }
}

function draw(page, logs) {
  page.name =
    (logs.find((one) => one.name === 'main_bot' && one.bytes > 0) ?? logs.find((one) => one.bytes > 0) ?? logs[0])
      ?.name ?? '';
  if (page.name === '') return show(page.node, el('h1', {}, 'Logs'), el('p', {}, 'No logs yet.'));
  const options = logs.map(({ name, bytes }) => [name, `${name} (${bytesText(bytes)})`]);
  const select = field({ name: 'log', label: 'Log', type: 'select', value: page.name, options });
  const search = field({
    name: 'search',
    label: 'Search',
    help: 'Show lines that contain this text.',
    type: 'search',
    attrs: { maxlength: '100' },
  });
  const older = button('Older lines', () => void tail(page, page.cursor), { 'data-older': true });
  const save = button('Download', () => void saveLog(page));
  const start = () => {
    page.name = select.value;
    page.search = search.value.trim();
    void tail(page);
  };
  select.input.addEventListener('change', start);
  search.input.addEventListener('change', start);
  page.older = older;
  start();
  return show(
    page.node,
    el('h1', {}, 'Logs'),
    el(
      'section',
      { class: 'card' },
      el('div', { class: 'pair' }, select.row, search.row),
      el('div', { class: 'row' }, older, button('Newest', start), save),
    ),
    page.notes,
    page.lines,
  );
}

async function saveLog(page) {
  try {
    await download(['logs', page.name, 'download'], `${page.name}.log`);
  } catch (problem) {
    show(page.notes, problemNote(problem));
  }
}

async function tail(page, cursor) {
  try {
    const query = { tail: LINES, search: page.search, cursor };
    const { body } = await call('GET', ['logs', page.name], { query });
    page.cursor = body.older;
    page.following = cursor === undefined;
    page.older.disabled = body.older === null;
    const atEnd = page.lines.scrollTop + page.lines.clientHeight >= page.lines.scrollHeight - 20;
    page.lines.textContent = body.lines.length === 0 ? 'No matching lines.' : body.lines.join('\n');
    if (atEnd || page.following) page.lines.scrollTop = page.lines.scrollHeight;
    show(page.notes);
  } catch (problem) {
    show(page.notes, problemNote(problem));
  }
}
