import { call, get, post } from '../lib/api.mjs';
import { button, el, note, pill, problemNote, show, table } from '../lib/dom.mjs';
import { field, form } from '../lib/form.mjs';
import { timeText, words } from '../lib/format.mjs';
import { onNews } from '../lib/live.mjs';

/** Test mode: all checks or one, the queue, progress and log of the run, and the results of earlier runs. */
export function testsView(node) {
  const page = {
    node,
    notes: el('div', {}),
    queue: el('section', { class: 'card', hidden: true }),
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
    drawQueue(page, answer);
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
    show(notes, note('is-good', `${words(test)} requested. Runs follow each other in the order of the requests.`));
    await refresh(page);
  };
  show(
    page.node,
    el('h1', {}, 'Tests'),
    el(
      'p',
      { class: 'lead' },
      'Runs in a separate directory: no broker, no notifications, no production files. Entries are paused meanwhile; a start waits for the end of the run; a stop or kill ends it.',
    ),
    page.notes,
    el('section', { class: 'card' }, form({ fields: [which], label: 'Run', submit })),
    page.queue,
    page.results,
    page.log,
  );
}

function drawQueue(page, { running, waiting }) {
  page.queue.hidden = running === null && waiting.length === 0;
  const rows = waiting.map(({ test, byName, askedAt }) => [timeText(askedAt), words(test), byName ?? 'a file']);
  show(
    page.queue,
    el('h2', {}, 'Under way'),
    running === null ? null : el('p', {}, progressOf(running)),
    running === null
      ? null
      : el('progress', { value: String(running.done), max: String(running.total), 'aria-label': 'Checks that ended' }),
    rows.length === 0 ? null : table(['Requested', 'Test', 'Requested by'], rows, { caption: 'Waiting' }),
  );
}

function progressOf({ test, check, done, total }) {
  const now = check === null || check === test ? '' : ` Now: ${words(check)}.`;
  return total === 1 ? `${words(test)} is running.` : `${words(test)}: ${done} of ${total} checks ended.${now}`;
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
