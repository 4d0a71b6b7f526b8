import { get } from './api.mjs';
import { el, show } from './dom.mjs';

/** What a broker account is, on every page; one that nobody knows counts as live. */
const MARKS = { paper: 'PAPER', emulator: 'EMULATOR', live: 'LIVE MONEY', unknown: 'LIVE MONEY?' };

const POLL_MS = 5_000;
/** A machine whose clock is farther from that of the bot has another time. */
const SAME_TIME_MS = 60_000;

/** The bar below the header: which bot this is, whether it is real, and what time it is there. */
export function drawBotBar({ simulated, identity, clock, account }) {
  const real = simulated ? null : (account ?? null);
  const bar = document.getElementById('bot');
  bar.hidden = !simulated && !identity;
  show(
    bar,
    identity ? el('strong', { class: 'bot-name' }, identity) : null,
    simulated ? el('span', { class: 'mark' }, 'SIMULATED') : null,
    simulated ? el('span', {}, 'no order reaches a market') : null,
    real
      ? el(
          'span',
          { class: real.kind === 'paper' || real.kind === 'emulator' ? 'mark' : 'mark live' },
          MARKS[real.kind] ?? 'LIVE MONEY',
        )
      : null,
    real ? el('span', {}, real.text) : null,
    clock ? el('span', { class: 'bot-clock' }, clockText(clock)) : null,
  );
}

/** Asks for name and time now and every 5 s while the page is visible; `done` gets each answer. Returns a function that ends it. */
export function watchBot(done) {
  let over = false;
  const ask = async () => {
    // a page that cannot ask shows that itself
    const now = await get('now').catch(() => null);
    if (now !== null && !over) done(now);
  };
  const timer = setInterval(() => document.visibilityState === 'visible' && void ask(), POLL_MS);
  void ask();
  return () => {
    over = true;
    clearInterval(timer);
  };
}

/** The time of the bot, and that of the machine when it is another. */
function clockText({ utc, text, speed, machine }) {
  const apart = Math.abs(Date.parse(machine) - Date.parse(utc)) > SAME_TIME_MS;
  if (speed === '1' && !apart) return text;
  const pace = speed === '1' ? '' : `, ${speed} times as fast as this machine`;
  return `${text}${pace}; this machine: ${machine.slice(0, 16).replace('T', ' ')} UTC`;
}
