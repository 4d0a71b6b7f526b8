import { el, problemNote, show } from '../lib/dom.mjs';
import { capital } from '../lib/format.mjs';

/** When the bot trades next, and every reason why it opens no position now, most important first. */
export function drawTrading(node, answer) {
  const heading = el('h2', {}, 'Trading now');
  if (answer.status === 'rejected') return show(node, heading, problemNote(answer.reason));
  const { nextSession, notTrading, marketData, closing } = answer.value;
  return show(
    node,
    heading,
    el('p', { class: 'next-session' }, el('strong', {}, 'Next session: '), nextSession.text),
    closing ? el('p', { class: 'closing' }, el('strong', {}, 'Closing: '), closing.text) : null,
    marketData ? el('p', { class: 'small' }, el('strong', {}, 'Market data: '), marketData.text) : null,
    notTrading.length === 0
      ? el('p', {}, 'Nothing holds entries: each strategy may open positions in its window.')
      : reasons(notTrading),
  );
}

function reasons(notTrading) {
  const items = notTrading.map(({ text, remedy }) =>
    el('li', {}, `${capital(text)}. `, el('span', { class: 'muted' }, remedy)),
  );
  return [el('p', {}, 'No position is opened now:'), el('ol', {}, ...items)];
}
