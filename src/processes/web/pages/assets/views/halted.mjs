import { get } from '../lib/api.mjs';
import { el, show } from '../lib/dom.mjs';
import { timeText } from '../lib/format.mjs';

const POLL_MS = 1_500;

/** Shutdown of the bot: the reason, and the positions that are still open. */
export function haltedView(node, { reload }) {
  const page = { timer: undefined };
  const look = async () => {
    try {
      const control = await get('control');
      if (control.stage !== 'goingDown') return void reload();
      draw(node, control);
    } catch (problem) {
      if (problem.status !== 0) return void reload();
      draw(node, null);
    }
    page.timer = setTimeout(() => void look(), POLL_MS);
  };
  void look();
  return () => clearTimeout(page.timer);
}

function draw(node, control) {
  show(
    node,
    el(
      'div',
      { class: 'narrow card' },
      el('h1', {}, control === null ? 'The bot is down' : 'Shutting down'),
      control === null
        ? el('p', {}, 'It no longer responds. Start it again with: src/processes/cli/tradebot run')
        : el('p', {}, control.reason, ' ', timeText(control.since)),
      el('p', { class: 'muted' }, 'This page continues automatically when the bot is back.'),
    ),
  );
}
