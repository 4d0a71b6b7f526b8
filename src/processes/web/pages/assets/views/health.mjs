import { el, pill, problemNote, show, table } from '../lib/dom.mjs';
import { bytesText, capital, timeText, words } from '../lib/format.mjs';

const OVERALL_KIND = { OK: 'is-good', Warning: 'is-warn', Critical: 'is-bad' };

/** How the bot stands now, also while the figures below are old. */
export function drawHealth(node, answer) {
  const heading = el('h2', {}, 'Health');
  if (answer.status === 'rejected') return show(node, heading, problemNote(answer.reason));
  const { overall, conditions } = answer.value;
  const items = conditions.map(({ severity, text, remedy }) =>
    el(
      'li',
      {},
      pill(OVERALL_KIND[severity] ?? '', severity),
      ` ${capital(text)}. `,
      el('span', { class: 'muted' }, remedy),
    ),
  );
  return show(
    node,
    heading,
    el('p', {}, pill(OVERALL_KIND[overall] ?? '', overall)),
    items.length > 0 ? el('ul', {}, ...items) : null,
  );
}

/** The processes of the bot and what each says of itself. */
export function drawProcesses(node, answer) {
  if (answer.status === 'rejected') return show(node, el('h2', {}, 'Processes'), problemNote(answer.reason));
  const rows = answer.value.processes.map((one) => [
    one.process,
    pill(one.state === 'running' ? 'is-good' : one.state === 'given up' ? 'is-bad' : '', one.state),
    String(one.restarts),
    bytesText(one.rssBytes),
    timeText(one.startedAt),
    figuresText(one.figures),
  ]);
  const headings = ['Process', 'State', 'Restarts', 'Memory', 'Since', 'Details'];
  return show(node, table(headings, rows, { caption: 'Processes', numeric: [2, 3], wide: [5] }));
}

/** A figure without a value and a lag of zero are not shown. */
function figuresText(figures) {
  return Object.entries(figures)
    .filter(([name, value]) => value !== '' && !(name.startsWith('lag') && value === '0'))
    .map(([name, value]) => `${words(name)} ${value}`)
    .join(', ');
}
