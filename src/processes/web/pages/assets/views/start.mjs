import { get, post } from '../lib/api.mjs';
import { button, dialog, el, note, pill, problemNote, show, table } from '../lib/dom.mjs';
import { field, form } from '../lib/form.mjs';
import { capital, money, timeText, words } from '../lib/format.mjs';
import { onNews } from '../lib/live.mjs';
import { figure, loadFigureSources } from './explain.mjs';
import { drawHealth, drawProcesses } from './health.mjs';
import { confirmationNotes } from './confirmations.mjs';
import { mismatchNotes } from './mismatches.mjs';
import { streamNotes } from './streams.mjs';
import { protectionNotes } from './protections.mjs';
import { drawTrading } from './trading.mjs';

const STATE_KIND = {
  error: 'is-bad',
  emergency_closing_positions: 'is-bad is-live',
  graceful_closing_positions: 'is-warn is-live',
  stopped: 'is-warn',
  trading: 'is-good is-live',
  monitoring: 'is-good is-live',
  analyzing: 'is-good is-live',
};
const CONFIRMATION_MS = 8_000;
const PRICES_OLD_MS = 11 * 60_000;
const STATE_TEXT = {
  started: 'Booted; getting ready.',
  idle: 'Ready, waiting for the schedule.',
  analyzing: 'A strategy is analyzing the market.',
  trading: 'Entries are being placed.',
  monitoring: 'Positions are being managed.',
  updating: 'Applying changed settings.',
  graceful_closing_positions: 'Stop requested: positions are being closed one after another.',
  emergency_closing_positions: 'Kill requested: all orders are being cancelled and all positions closed now.',
  stopped: 'Stopped. Trading resumes only after a start.',
  error: 'Stopped by an error. Fix the cause, then start.',
};

/** Overview: state and commands, money, positions, strategies, processes. */
export function startView(node, { session, reload }) {
  const page = {
    session,
    reload,
    // Parts that did not change are not drawn again: nothing moves under a finger or a reader.
    drawn: new Map(),
    facts: el('div', {}),
    trading: el('section', { class: 'card', 'aria-label': 'Trading now' }),
    notes: el('div', {}),
    warnings: el('div', {}),
    confirmations: el('div', {}),
    mismatches: el('div', {}),
    streams: el('div', {}),
    health: el('section', { class: 'card', 'aria-label': 'Health' }),
    status: el('div', {}),
    processes: el('section', { class: 'card', 'aria-label': 'Processes' }),
  };
  page.buttons = session.user.permissions.includes('control') ? commandButtons(page) : {};
  const heading = el('h1', {});
  page.heading = heading;
  const control = el(
    'section',
    { class: 'card', 'aria-label': 'Control' },
    el('div', { class: 'head' }, heading, el('div', { class: 'row' }, ...Object.values(page.buttons))),
    page.facts,
  );
  show(
    node,
    page.warnings,
    page.confirmations,
    page.mismatches,
    page.streams,
    page.notes,
    control,
    page.trading,
    page.health,
    page.status,
    page.processes,
  );
  return onNews(() => refresh(page));
}

async function refresh(page) {
  // without them figures are shown alone
  await loadFigureSources().catch(() => undefined);
  const [control, status, conditions, processes, mismatches, now, streams, confirmations] = await Promise.allSettled([
    get('control'),
    get('status'),
    get('conditions'),
    get('processes'),
    get('mismatches'),
    get('now'),
    get('journal/streams'),
    get('confirmations'),
  ]);
  if (control.status === 'rejected') return lost(page, control.reason);
  if (control.value.stage === 'goingDown') return page.reload();
  ifChanged(page, 'control', control.value, () => drawControl(page, control.value));
  const differences = { ...mismatches.value, held: status.value?.books_comparison?.entries_held === true };
  if (mismatches.value) ifChanged(page, 'mismatches', differences, () => drawMismatches(page, differences));
  if (confirmations.value)
    ifChanged(page, 'asked', confirmations.value, () => drawConfirmations(page, confirmations.value));
  if (streams.value) ifChanged(page, 'streams', streams.value, () => drawStreams(page, streams.value));
  const stale = pricesAreOld(status.value, now.value);
  const shown = [status.value ?? status.reason.code, stale];
  ifChanged(page, 'status', shown, () => drawStatus(page, status, stale));
  ifChanged(page, 'trading', now.value ?? now.reason.code, () => drawTrading(page.trading, now));
  ifChanged(page, 'health', conditions.value ?? conditions.reason.code, () => drawHealth(page.health, conditions));
  ifChanged(page, 'processes', processes.value ?? processes.reason.code, () =>
    drawProcesses(page.processes, processes),
  );
}

/** In an open session positions are valued every five minutes. */
function pricesAreOld(status, now) {
  const priced = Date.parse(status?.valued_at ?? '');
  return status?.session?.state === 'OPEN' && Date.parse(now?.clock?.utc ?? '') - priced > PRICES_OLD_MS;
}

function ifChanged(page, part, value, draw) {
  const text = JSON.stringify(value);
  if (page.drawn.get(part) === text) return;
  page.drawn.set(part, text);
  draw();
}

function lost(page, problem) {
  if (problem.status === 401 || problem.status === 404) return page.reload();
  page.drawn.clear();
  show(page.warnings, problemNote(problem));
}

function drawControl(page, control) {
  const { state, reason, since, commands } = control;
  show(page.warnings, ...control.warnings.map((text) => note('is-warn', text)));
  show(page.heading, pill(STATE_KIND[state] ?? 'is-calm', words(state)));
  for (const [name, one] of Object.entries(page.buttons)) {
    one.disabled = !commands[name].allowed;
    one.title = commands[name].reason;
  }
  show(
    page.facts,
    el('p', {}, STATE_TEXT[state] ?? ''),
    reason === '' ? null : el('p', { class: 'muted small' }, capital(reason), ' \u00b7 ', timeText(since)),
    control.failures.length > 0 ? failures(control.failures) : null,
    ...protectionNotes(control.protections, {
      mayReset: page.session.user.permissions.includes('reset-protections'),
      done: (effect) => confirmed(page, effect),
    }),
    ...control.flags.slice(0, 1).map(lastFlag),
  );
}

function drawMismatches(page, differences) {
  const mayResolve = page.session.user.permissions.includes('adjusting-entries');
  const done = (text) => confirmed(page, text);
  show(page.mismatches, ...mismatchNotes(differences, { mayResolve, held: differences.held, done }));
}

function drawConfirmations(page, entries) {
  const mayConfirm = page.session.user.permissions.includes('confirm-trades');
  const after = { done: (text) => confirmed(page, text), failed: (problem) => show(page.notes, problemNote(problem)) };
  show(page.confirmations, ...confirmationNotes(entries, { mayConfirm, ...after }));
}

function drawStreams(page, held) {
  const mayAcknowledge = page.session.user.permissions.includes('streams');
  show(page.streams, ...streamNotes(held, { mayAcknowledge, done: (text) => confirmed(page, text) }));
}

function failures(list) {
  const items = list.map(({ module, cause, remedy }) => el('li', {}, el('strong', {}, module), `: ${cause} ${remedy}`));
  return note('is-bad', el('p', {}, el('strong', {}, 'Failed checks')), el('ul', {}, ...items));
}

function lastFlag({ command, outcome, reason, at, byName }) {
  const who = byName ?? 'A file';
  return el('p', { class: 'muted small' }, `${who} requested ${command}: ${outcome}, ${reason} \u00b7 `, timeText(at));
}

function commandButtons(page) {
  const disabled = true;
  return {
    start: button('Start', () => void ask(page, 'start', {}), { class: 'primary', disabled }),
    stop: button('Stop \u2026', () => void confirmStop(page), { disabled }),
    kill: button('Kill \u2026', () => void confirmKill(page), { class: 'danger', disabled }),
  };
}

async function ask(page, command, body) {
  try {
    await post(['control', command], body);
    return confirmed(page, `${capital(command)} requested. The state below shows the outcome.`);
  } catch (problem) {
    show(page.notes, problemNote(problem));
  }
  await refresh(page);
}

function confirmed(page, text) {
  const confirmation = note('is-good', text);
  show(page.notes, confirmation);
  setTimeout(() => confirmation.remove(), CONFIRMATION_MS);
  return refresh(page);
}

function confirmStop(page) {
  return dialog('Stop the bot?', (close) => [
    el('p', {}, 'Strategies stop and positions are closed one after another. Trading resumes only after a start.'),
    el(
      'div',
      { class: 'row' },
      button('Stop', () => void ask(page, 'stop', {}).then(close), { class: 'primary', autofocus: true }),
      button('Keep running', close),
    ),
  ]);
}

function confirmKill(page) {
  return dialog('Kill: close everything now?', (close) => {
    const typed = field({
      name: 'confirm',
      label: 'Type KILL to confirm',
      attrs: { autocomplete: 'off', autocapitalize: 'characters', autofocus: true },
    });
    const submit = async ({ confirm }) => {
      if (confirm !== 'KILL') {
        typed.fault('Type KILL in capital letters.');
        typed.input.focus();
        return;
      }
      await ask(page, 'kill', { confirm });
      close();
    };
    return [
      el('p', {}, 'Cancels all working orders and closes all positions at the market now.'),
      form({ fields: [typed], label: 'Kill', danger: true, submit, secondary: button('Cancel', close) }),
    ];
  });
}

function drawStatus(page, answer, stale) {
  if (answer.status === 'rejected') {
    const { status: code } = answer.reason;
    return show(
      page.status,
      code === 404 ? note('', 'No figures yet. They appear after the first events.') : problemNote(answer.reason),
    );
  }
  const status = answer.value;
  show(
    page.status,
    el('div', { class: 'grid' }, moneyCard(status), sessionCard(status)),
    el('section', { class: 'card' }, positions(status, stale)),
    el('section', { class: 'card' }, strategies(status)),
  );
}

function signed(text) {
  const kind = text === null || /^-?0(\.0+)?$/.test(text) ? '' : text.startsWith('-') ? 'bad' : 'good';
  return el('span', { class: kind }, money(text));
}

function moneyCard(status) {
  const bridge = status.equity_bridge ?? null;
  const date = status.session.date;
  const entries = [
    ['P&L today', 'daily_gain_loss', signed(status.daily_gain_loss)],
    ['Trading P&L today, after fees', 'daily.trading_pnl', signed(status.daily.trading_pnl ?? null)],
    ['Net income today, with dividends', 'daily.net_income', signed(status.daily.net_income ?? status.daily.PnL)],
    ['Unrealized today', 'equity_bridge.unrealized', signed(bridge === null ? null : bridge.unrealized)],
    ['Unrealized, open positions', 'unrealized', signed(status.unrealized ?? null)],
    ['Trading P&L, total', 'cumulative.trading_pnl', signed(status.cumulative.trading_pnl ?? null)],
    ['Net income, total', 'cumulative.net_income', signed(status.cumulative.net_income ?? status.cumulative.PnL)],
    ['Equity at market', 'market_value', money(status.market_value ?? null)],
    ['Equity at cost', 'equity', money(status.equity)],
    ['Cash', 'cash', money(status.cash)],
    ['Float', 'float', floatText(status)],
  ];
  const list = entries.map(([name, field, value]) =>
    el('div', {}, el('dt', {}, name), el('dd', {}, figure(value, { field, name, date }))),
  );
  const valuedAt = status.valued_at ?? null;
  return el(
    'section',
    { class: 'card', 'aria-label': 'Money' },
    el('h2', {}, 'Money'),
    el('dl', { class: 'figures' }, ...list),
    valuedAt === null ? null : el('p', { class: 'muted small' }, 'Positions valued at ', timeText(valuedAt)),
  );
}

/** Before the first session the float of the set-up, which that session books. */
function floatText(status) {
  if (status.float !== null || !status.planned_float) return money(status.float);
  return `${money(status.planned_float)} (from the first session)`;
}

/** Which market is traded; nothing before it is known, and in a file of an older version. */
function marketFeed(market) {
  if (market === undefined || market.feed === null) return null;
  const days = market.days === null ? '' : `, ${market.days} days from ${market.first_day} to ${market.last_day}`;
  const symbols = market.symbols.length === 0 ? '' : `: ${market.symbols.join(', ')}`;
  const kind = market.simulated ? 'Simulated market' : 'Market';
  return el('p', { class: 'small' }, `${kind} (${market.feed}), ${market.description}${days}${symbols}`);
}

/** Who trades for the bot; only on a journal that other homes can reach. */
function owner(ownership) {
  if (!ownership) return null;
  const { number, machine, home, since, ended } = ownership;
  const by = `Owner ${number} of this bot: ${home} on ${machine}, since `;
  return el('p', { class: 'small' }, by, timeText(since), ended ? ', ended' : '');
}

function sessionCard(status) {
  const { session } = status;
  const day = session.date === null ? 'No session yet' : `Session ${session.date}: ${session.state.toLowerCase()}`;
  return el(
    'section',
    { class: 'card' },
    el('h2', {}, 'Session'),
    el('p', {}, day, session.phase === null ? '' : `, phase ${words(session.phase)}`),
    marketFeed(status.market_feed),
    status.universe_status ? el('p', { class: 'small' }, `Universe: ${status.universe_status}`) : null,
    owner(status.ownership),
    marketQuality(status.market_quality),
    el('p', { class: 'muted small' }, 'As of ', timeText(status.as_of.time)),
  );
}

/** The market data of the last recorded session, and what was wrong with it. */
function marketQuality(quality) {
  if (!quality) return null;
  const { date, bars, dropped_rows: dropped, findings } = quality;
  const rules = Object.entries(findings).map(([rule, times]) => `${rule} ${times}`);
  return el(
    'p',
    { class: 'small' },
    `Market data of ${date}: ${bars} bars, `,
    dropped === 0 ? 'no rows dropped' : el('strong', {}, `${dropped} rows dropped`),
    rules.length === 0 ? '' : ` (${rules.join(', ')})`,
  );
}

function positions(status, stale) {
  const rows = status.open_positions.map((one) => {
    const ask = (shown, field, name) =>
      figure(shown, { field: `open_positions.${field}`, name: `${name} of ${one.ticker}`, symbol: one.ticker });
    return [
      el('strong', {}, one.ticker),
      one.trade_side,
      ask(one.size, 'size', 'Size'),
      ask(one.average_price, 'average_price', 'Price'),
      one.last_price ?? 'no price yet',
      one.unrealized === null ? 'no price yet' : ask(signed(one.unrealized), 'unrealized', 'Unrealized P&L'),
      one.stop === null ? 'none' : ask(one.stop, 'stop', 'Stop'),
      ask(money(one.amount), 'amount', 'Cost'),
      one.strategy_name ?? 'none',
    ];
  });
  const priced = status.valued_at ?? null;
  const shown = table(['Ticker', 'Side', 'Size', 'Price', 'Last', 'Unrealized', 'Stop', 'Cost', 'Strategy'], rows, {
    caption: 'Open positions',
    numeric: [2, 3, 4, 5, 6, 7],
    empty: 'None.',
  });
  if (rows.length === 0 || priced === null) return shown;
  const since = el(
    'p',
    { class: 'small' },
    stale ? el('strong', {}, 'No price since ') : 'Last prices of ',
    timeText(priced),
  );
  return el('div', {}, shown, since);
}

function strategies(status) {
  const rows = Object.entries(status.strategy_states).map(([name, one]) => {
    const last = status.strategy_last_run[name] ?? null;
    const state = one.failed
      ? pill('is-bad', 'failed')
      : one.running
        ? pill('is-good is-live', 'running')
        : one.enabled === false
          ? 'off'
          : 'waiting';
    return [
      name,
      state,
      last === null ? '' : String(last.entries),
      last === null ? '' : signed(last.PnL),
      one.last_error ?? '',
    ];
  });
  return table(['Strategy', 'State', 'Entries', 'Last run P&L', 'Last error'], rows, {
    caption: 'Strategies',
    numeric: [2, 3],
    wide: [4],
  });
}
