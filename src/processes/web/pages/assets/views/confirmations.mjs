import { post } from '../lib/api.mjs';
import { button, el, note } from '../lib/dom.mjs';
import { money, timeText } from '../lib/format.mjs';

/** A note for each entry that waits for a person; an operator confirms or refuses it there. */
export function confirmationNotes({ waiting }, { mayConfirm, done, failed }) {
  return waiting.map((one) =>
    note(
      'is-warn',
      el(
        'p',
        {},
        el('strong', {}, `${one.side === 'long' ? 'Buy' : 'Sell short'} ${one.quantity} ${one.symbol}?`),
        ` ${one.strategy}, at ${one.price}, ${money(one.cost)} in all. Waits until `,
        timeText(one.expiresAt),
        '.',
      ),
      mayConfirm
        ? el(
            'div',
            { class: 'row' },
            button('Confirm', () => void decide(one, 'confirmed', { done, failed })),
            button('Refuse', () => void decide(one, 'refused', { done, failed })),
          )
        : el('p', { class: 'muted' }, 'An operator or an admin decides it.'),
    ),
  );
}

async function decide({ signalId, symbol }, take, { done, failed }) {
  try {
    await post(['confirmations', 'decide'], { signalId, take, reason: `${take} on the page` });
    done(
      take === 'confirmed'
        ? `${symbol} is confirmed. It is judged again with the next minute, and sent when every check passes.`
        : `${symbol} is refused and is not sent.`,
    );
  } catch (error) {
    failed(error);
  }
}
