import { newKey, post } from '../lib/api.mjs';
import { el, note, show } from '../lib/dom.mjs';
import { field, form } from '../lib/form.mjs';
import { money } from '../lib/format.mjs';

const TEXT = { autocomplete: 'off', spellcheck: 'false' };
const NEXT_SESSION = {
  inject: ' A session is open: the injection counts from the next one.',
  return:
    ' A session is open: its daily loss limit keeps the float of its start; entries use no money that was returned.',
};

/** The forms of the entries that this role may book; `done` is called after each. */
export function entryCards({ may, done }) {
  return [
    may('float') ? card('Float', 'Acknowledge a transfer of capital. The bot moves no money.', floatForm(done)) : null,
    may('adjusting-entries')
      ? card('Adjusting entry', 'Shares, cash, or both; or a refused report of the broker.', adjustmentForm(done))
      : null,
  ];
}

function card(title, help, body) {
  return el(
    'section',
    { class: 'card', 'aria-label': title },
    el('h2', {}, title),
    el('p', { class: 'help' }, help),
    body,
  );
}

/** An answer that never came is no second entry: the same values keep their id until they are booked. */
function oncePerEntry() {
  const kept = { values: '', id: '' };
  return {
    idOf(values) {
      const text = JSON.stringify(values);
      if (kept.values !== text) Object.assign(kept, { values: text, id: newKey() });
      return kept.id;
    },
    booked: () => Object.assign(kept, { values: '', id: '' }),
  };
}

function entryForm({ fields, label, pieces, text, done }) {
  const once = oncePerEntry();
  const said = el('div', {});
  const reason = field({
    name: 'reason',
    label: 'Reason (required)',
    help: '3 to 300 characters; it is kept in the journal with your name.',
    attrs: { autocomplete: 'off', maxlength: '300' },
  });
  const submit = async ({ reason: why, ...values }) => {
    show(said);
    const entry = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
    const booked = await post(pieces, { ...entry, reason: why, requestId: once.idOf(entry) });
    once.booked();
    for (const one of [...fields, reason]) if (one.input.tagName === 'INPUT') one.input.value = '';
    show(said, note('is-good', text(booked)));
    done();
  };
  return el('div', {}, form({ fields: [...fields, reason], label, submit }), said);
}

function floatForm(done) {
  const options = [
    ['inject', 'To the bot'],
    ['return', 'Back to the owner'],
  ];
  const direction = field({ name: 'direction', label: 'Direction', type: 'select', options, value: 'inject' });
  const amount = field({ name: 'amount', label: 'Dollars', attrs: { ...TEXT, maxlength: '40', inputmode: 'decimal' } });
  return entryForm({
    ...{ fields: [direction, amount], label: 'Book float', pieces: ['float'], done },
    text: (booked) =>
      `${booked.adjustmentId}: the float is now ${money(booked.float)}.` +
      (booked.countsFrom === 'now' ? '' : NEXT_SESSION[booked.direction]),
  });
}

function adjustmentForm(done) {
  const side = [
    ['', 'No shares'],
    ['buy', 'Shares come in'],
    ['sell', 'Shares go out'],
  ];
  const text = (name, label, max, help) => field({ name, label, help, attrs: { ...TEXT, maxlength: max } });
  const fields = [
    field({ name: 'side', label: 'Shares', type: 'select', options: side, value: '' }),
    text('symbol', 'Symbol', '40'),
    text('quantity', 'Number of shares', '40'),
    text('price', 'Dollars a share', '40'),
    text('cash', 'Further cash at the broker', '40', 'Dollars; below zero was paid.'),
    text('account', 'Other account of that cash', '40', 'A code of the chart of accounts.'),
    text('at', 'Time that it is for', '30', 'A day (UTC) or a time such as 2026-01-05T15:00Z. Empty: now.'),
    text('settles', 'Settles', '120', 'The refused report or event, such as RF-0a1b2c3d-4e5f. Empty: none.'),
  ];
  return entryForm({
    ...{ fields, label: 'Book entry', pieces: ['adjustments'], done },
    text: (booked) => `${booked.adjustmentId} is booked.`,
  });
}
