import { post } from '../lib/api.mjs';
import { button, dialog, el, note } from '../lib/dom.mjs';
import { field, form } from '../lib/form.mjs';
import { timeText } from '../lib/format.mjs';

const TITLES = {
  'kill-switch': 'The kill switch has tripped',
  'defense-mode': 'Defense mode is on',
  clock: 'The clock of the machine cannot be right',
  'bot-copy': 'Another copy of this bot trades this account',
};
const EFFECTS = {
  'kill-switch': 'Entries are blocked and a start is refused until an admin resets it.',
  'defense-mode': 'Tighter limits apply until an admin resets it.',
  clock: 'Entries are held until the clock is right again, or an admin accepts the time that it shows now.',
  'bot-copy': 'Entries are held until an admin has stopped the other copy and allows them again. Exits continue.',
};
const NAMES = {
  'kill-switch': 'kill switch',
  'defense-mode': 'defense mode',
  clock: 'hold for the clock',
  'bot-copy': 'hold for another copy of the bot',
};

/** A note for each protection that is on; an admin resets it there. `done(text)` shows what a reset did. */
export function protectionNotes(protections, { mayReset, done }) {
  return protections.filter((one) => one.on).map((one) => protectionNote(one, mayReset, done));
}

function protectionNote({ what, since, cause, resettable, refusal }, mayReset, done) {
  const reset = mayReset && resettable ? button('Reset \u2026', () => void confirmReset(what, done)) : null;
  return note(
    what === 'defense-mode' ? 'is-warn' : 'is-bad',
    el('p', {}, el('strong', {}, TITLES[what]), ` (${cause}), since `, timeText(since), '.'),
    el('p', {}, EFFECTS[what], refusal === '' ? '' : ` ${refusal}`),
    reset === null ? null : el('div', { class: 'row' }, reset),
  );
}

function confirmReset(what, done) {
  return dialog(`Reset the ${NAMES[what]}?`.replace('the defense', 'defense'), (close) => {
    const reason = field({
      name: 'reason',
      label: 'Reason (required)',
      help: '3 to 300 characters; it is kept in the journal with your name.',
      attrs: { autocomplete: 'off', maxlength: '300', autofocus: true },
    });
    const submit = async (values) => {
      const { effect } = await post(['control', 'reset'], { what, reason: values.reason });
      close();
      await done(effect);
    };
    return [form({ fields: [reason], label: 'Reset', submit, secondary: button('Cancel', close) })];
  });
}
