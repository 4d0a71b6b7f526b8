import { post } from '../lib/api.mjs';
import { button, dialog, el, note } from '../lib/dom.mjs';
import { field, form } from '../lib/form.mjs';
import { capital } from '../lib/format.mjs';

const TITLES = {
  cut: 'A stream of the journal hides events',
  restricted: 'The bot has no right to a stream of the journal',
  blocked: 'Another program wrote to a stream of the journal',
};

/** A note for each stream on the server that others reached; an admin acknowledges foreign events there. */
export function streamNotes({ streams }, { mayAcknowledge, done }) {
  return streams.map((one) =>
    note(
      'is-bad',
      el('p', {}, el('strong', {}, `${TITLES[one.kind]} (${one.stream})`), '.'),
      el('p', {}, `${capital(one.text)}. Entries are held; positions keep their exits and stops.`),
      el('p', { class: 'muted' }, one.remedy),
      one.kind === 'blocked' && mayAcknowledge
        ? el(
            'div',
            { class: 'row' },
            button('Acknowledge \u2026', () => void confirmAcknowledge(one, done)),
          )
        : null,
    ),
  );
}

function confirmAcknowledge(one, done) {
  return dialog(`Acknowledge the events in ${one.stream}?`, (close) => {
    const reason = field({
      name: 'reason',
      label: 'Reason (required)',
      help: '3 to 300 characters; it is kept in the journal with your name.',
      attrs: { autocomplete: 'off', maxlength: '300', autofocus: true },
    });
    const submit = async (values) => {
      const body = { stream: one.stream, sha256: one.sha256, reason: values.reason };
      const { effect } = await post(['journal', 'streams', 'acknowledge'], body);
      close();
      await done(effect);
    };
    return [
      el('p', {}, `${capital(one.text)}.`),
      el(
        'p',
        {},
        'They are in no books and stay left out. The bot writes to the stream again, and every verification of the journal shows them with your name.',
      ),
      form({ fields: [reason], label: 'Acknowledge', submit, secondary: button('Cancel', close) }),
    ];
  });
}
