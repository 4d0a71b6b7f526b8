import { post } from '../lib/api.mjs';
import { button, dialog, el, note } from '../lib/dom.mjs';
import { field, form } from '../lib/form.mjs';
import { capital, timeText } from '../lib/format.mjs';

const TAKES = [
  ['broker', 'The broker is right: book an entry'],
  ['books', 'The books are right: the broker will follow'],
  ['entry', 'It is explained by an entry or an activity'],
  ['split', 'The shares were split'],
];
const EFFECT =
  'Broker: an adjusting entry makes the books equal the broker. Books: nothing is booked, and the difference comes back ' +
  'after a day unless the broker has followed. Entry: nothing is booked; name what explains it. Split: shares, prices and stops change, the cost stays.';

/** A note for each open difference between books and broker; an accountant resolves it there. */
export function mismatchNotes({ mismatches }, { mayResolve, held, done }) {
  return mismatches.map((one) =>
    note(
      'is-bad',
      el(
        'p',
        {},
        el('strong', {}, `Books and broker differ (${one.mismatchId})`),
        ', since ',
        timeText(one.foundAt),
        '.',
      ),
      el(
        'p',
        {},
        `${capital(one.text)}.`,
        held ? ' No new positions until it is resolved; exits and stops are sent.' : '',
      ),
      mayResolve
        ? el(
            'div',
            { class: 'row' },
            button('Resolve \u2026', () => void confirmResolve(one, done)),
          )
        : el('p', { class: 'muted' }, 'An accountant or an admin resolves it.'),
    ),
  );
}

function confirmResolve(one, done) {
  return dialog(`Resolve ${one.mismatchId}?`, (close) => {
    const text = { autocomplete: 'off', spellcheck: 'false' };
    const take = field({
      name: 'take',
      label: 'Resolution',
      type: 'select',
      options: TAKES,
      value: 'broker',
      help: EFFECT,
    });
    const against = field({
      name: 'against',
      label: 'Other side of the entry',
      help: 'Empty: the opening balance, for shares that came or went without money. cash: the shares were bought or sold. Or an account.',
      attrs: { ...text, maxlength: '40' },
    });
    const price = field({
      name: 'price',
      label: 'Price a share',
      help: 'For an entry of shares. Empty: the price at the broker.',
      attrs: { ...text, maxlength: '40' },
    });
    const entryId = field({
      name: 'entryId',
      label: 'Entry or activity',
      help: 'What explains it, such as AE-7.',
      attrs: { ...text, maxlength: '120' },
    });
    const reason = field({
      name: 'reason',
      label: 'Reason (required)',
      help: '3 to 300 characters; it is kept in the journal with your name.',
      attrs: { autocomplete: 'off', maxlength: '300' },
    });
    const isShares = one.subject === 'position';
    const shown = { broker: isShares ? [against, price] : [against], books: [], entry: [entryId], split: [] };
    const choose = () => {
      for (const extra of [against, price, entryId]) extra.row.hidden = !shown[take.value].includes(extra);
    };
    take.input.addEventListener('change', choose);
    choose();
    const submit = async (values) => {
      const extras = shown[values.take].map(({ name }) => [name, values[name]]).filter(([, value]) => value !== '');
      const body = {
        mismatchId: one.mismatchId,
        take: values.take,
        reason: values.reason,
        ...Object.fromEntries(extras),
      };
      const { entryId: booked } = await post(['mismatches', 'resolve'], body);
      close();
      await done(
        `${one.mismatchId} is resolved${booked === null ? '' : ` by ${booked}`}. The next comparison proves it.`,
      );
    };
    const fields = [take, against, price, entryId, reason];
    return [
      el('p', {}, `${capital(one.text)}.`),
      form({ fields, label: 'Resolve', submit, secondary: button('Cancel', close) }),
    ];
  });
}
