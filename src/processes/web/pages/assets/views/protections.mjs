import { post } from '../lib/api.mjs';
import { button, dialog, el, note } from '../lib/dom.mjs';
import { field, form } from '../lib/form.mjs';
import { timeText } from '../lib/format.mjs';

const TITLES = { 'kill-switch': 'The kill switch has tripped', 'defense-mode': 'Defense mode is on' };
const EFFECTS = {
  'kill-switch': 'Entries are blocked and a start is refused until an admin resets it.',
  'defense-mode': 'Tighter limits apply until an admin resets it.',
};
const NAMES = { 'kill-switch': 'kill switch', 'defense-mode': 'defense mode' };

/** A note for each protection that is on; an admin resets it there. `done(text)` shows what a reset did. */
export function protectionNotes(protections, { mayReset, done }) {
  return protections.filter((one) => one.on).map((one) => protectionNote(one, mayReset, done));
}

function protectionNote({ what, since, cause, resettable, refusal }, mayReset, done) {
  const reset = mayReset && resettable ? button('Reset \u2026', () => void confirmReset(what, done)) : null;
  return note(
    what === 'kill-switch' ? 'is-bad' : 'is-warn',
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
