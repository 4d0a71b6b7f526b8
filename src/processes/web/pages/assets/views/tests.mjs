import { call, get, post } from '../lib/api.mjs';
import { button, el, note, pill, problemNote, show, table } from '../lib/dom.mjs';
import { field, form } from '../lib/form.mjs';
import { timeText, words } from '../lib/format.mjs';
import { onNews } from '../lib/live.mjs';

/** Test mode: the full dry run or one check, its log while it runs, and the results of earlier runs. */
export function testsView(node) {
  const page = {
    node,
    notes: el('div', {}),
    results: el('section', { class: 'card' }),
    log: el('section', { class: 'card', hidden: true }),
    drawn: false,
  };
  return onNews(() => refresh(page));
}

async function refresh(page) {
  try {
    const answer = await get('tests');
    if (!page.drawn) draw(page, answer.tests);
    drawRuns(page, answer.runs);
    await drawLog(page);
  } catch (problem) {
    show(page.drawn ? page.notes : page.node, problemNote(problem));
  }
}

function draw(page, tests) {
  page.drawn = true;
  const which = field({
    name: 'test',
    label: 'Test',
    type: 'select',
    value: 'all',
    options: tests.map(({ name, label }) => [name, label]),
  });
  const submit = async ({ test }, notes) => {
    await post(['tests', test]);
    show(notes, note('is-good', `${words(test)} requested.`));
  };
  show(
    page.node,
    el('h1', {}, 'Tests'),
    el(
      'p',
      { class: 'lead' },
      'Runs in a separate directory: no broker, no notifications, no production files. Entries are paused meanwhile.',
    ),
    page.notes,
    el('section', { class: 'card' }, form({ fields: [which], label: 'Run', submit })),
    page.results,
    page.log,
  );
}

function drawRuns(page, runs) {
  const rows = runs.map((run) => [
    timeText(run.startedAt),
    words(run.test),
    outcome(run),
    details(run),
    run.byName ?? 'a file',
  ]);
  show(page.results, table(['When', 'Test', 'Result', 'Checks', 'Requested by'], rows, { caption: 'Runs' }));
}

function outcome({ ok }) {
  return ok === null ? pill('is-calm is-live', 'running') : ok ? pill('is-good', 'passed') : pill('is-bad', 'failed');
}

function details({ results }) {
  const items = results.map(({ check, ok, detail }) =>
    el(
      'li',
      {},
      el('span', { class: ok ? 'good' : 'bad' }, ok ? '\u2713' : '\u2717'),
      el('span', {}, `${words(check)}: ${detail}`),
    ),
  );
  return el('ul', { class: 'checks small' }, ...items);
}

async function drawLog(page) {
  const { body } = await call('GET', ['logs', 'test_mode'], { query: { tail: 100 } });
  page.log.hidden = body.lines.length === 0;
  show(
    page.log,
    el('h2', {}, 'Log'),
    el('pre', { class: 'log', tabindex: '0' }, body.lines.join('\n')),
    button('Refresh', () => void drawLog(page), { class: 'little' }),
  );
}
