import { call, get } from '../lib/api.mjs';
import { button, dialog, el, problemNote, show, table } from '../lib/dom.mjs';
import { timeText } from '../lib/format.mjs';

const known = { fields: null };

/** What explains each field of the status; asked for once, and empty until the answer is there. */
export async function loadFigureSources() {
  if (known.fields !== null) return;
  const { fields } = await get('explain', 'fields');
  known.fields = new Map(fields.map(({ field, subject }) => [field, subject]));
}

/**
 * A figure that can be asked where it comes from. `field` is its path in the status, `of` the session and symbol that it is
 * of. Without an explanation it is shown alone.
 */
export function figure(shown, { field, name, date = null, symbol = null }) {
  const subject = subjectOf(field, { date, symbol });
  if (subject === null) return shown;
  const label = `Where does this come from: ${name}`;
  const open = () => void showExplanation(name, subject);
  return el('button', { type: 'button', class: 'figure', title: label, on: { click: open } }, shown);
}

function subjectOf(field, { date, symbol }) {
  const asked = known.fields?.get(field) ?? null;
  if (asked === null) return null;
  const [what, of = ''] = asked.split(':');
  if (of === '') return what;
  const filled = of.replace(/^D/, date ?? '').replace(/^S$/, symbol ?? '');
  return filled === '' || filled.startsWith('/') ? null : `${what}:${filled}`;
}

function showExplanation(name, subject) {
  const body = el('div', { class: 'explanation', 'aria-live': 'polite' }, el('p', {}, 'Reading the journal ...'));
  void ask(body, subject);
  return dialog(name, (close) => [body, el('div', { class: 'row' }, button('Close', close, { autofocus: true }))]);
}

async function ask(body, subject) {
  try {
    const { body: answer } = await call('GET', ['explain'], { query: { subject } });
    show(body, ...explanation(body, answer));
  } catch (problem) {
    show(body, problemNote(problem));
  }
}

/** A button that shows what the broker sent, from which an event was made. */
function message({ eventId, type }) {
  const open = async () => {
    const text = el('div', { class: 'explanation', 'aria-live': 'polite' }, el('p', {}, 'Looking for the message ...'));
    void dialog(`Message behind ${type}`, (close) => [
      text,
      el('div', { class: 'row' }, button('Close', close, { autofocus: true })),
    ]);
    try {
      const frame = await get('journal', 'events', eventId, 'frame');
      show(
        text,
        el('p', {}, `${timeText(frame.at)} ${frame.source}, ${frame.channel}${frame.cut ? ', beginning only' : ''}`),
        el('pre', { class: 'log', tabindex: '0' }, frame.text),
        el('p', { class: 'mono small' }, `sha256 ${frame.sha256}`),
      );
    } catch (problem) {
      show(text, problemNote(problem));
    }
  };
  return button('Show', () => void open(), { class: 'little' });
}

function explanation(body, { subject, figure: found, events, leftOut }) {
  const next = (to) =>
    button(to.length > 24 ? `${to.slice(0, 24)} \u2026` : to, () => void ask(body, to), { class: 'little' });
  return [
    el('p', { class: 'mono small' }, `tradebot explain ${subject}`),
    found === null ? null : el('p', {}, el('strong', {}, `${found.name}: ${found.value}`)),
    found === null ? null : el('p', {}, `${found.formula}.`),
    found?.agrees === false ? el('p', { class: 'bad' }, 'A second source gives another value.') : null,
    found === null || found.contributions.length === 0
      ? null
      : table(
          ['Time', 'Amount', 'Total', 'What', 'Ask further'],
          found.contributions.map((one) => [
            timeText(one.at),
            one.amount,
            one.total,
            one.description,
            next(one.subject),
          ]),
          { caption: 'Its parts', numeric: [1, 2], wide: [3] },
        ),
    events.length === 0
      ? null
      : table(
          ['Time', 'Event', 'What', 'Message'],
          events.map((one) => [timeText(one.occurredAt), one.type, one.text, one.hasFrame ? message(one) : '']),
          { caption: 'Events behind it', wide: [2] },
        ),
    leftOut === 0 ? null : el('p', { class: 'muted small' }, `${leftOut} more; the command above shows all.`),
  ];
}
