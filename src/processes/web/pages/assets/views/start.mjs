import { get, post } from '../lib/api.mjs';
import { button, dialog, el, note, pill, problemNote, show, table } from '../lib/dom.mjs';
import { field, form } from '../lib/form.mjs';
import { bytesText, capital, money, timeText, words } from '../lib/format.mjs';
import { onNews } from '../lib/live.mjs';
import { mismatchNotes } from './mismatches.mjs';
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
const OVERALL_KIND = { OK: 'is-good', Warning: 'is-warn', Critical: 'is-bad' };
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
    mismatches: el('div', {}),
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
    page.mismatches,
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
  const [control, status, conditions, processes, mismatches, now] = await Promise.allSettled([
    get('control'),
    get('status'),
    get('conditions'),
    get('processes'),
    get('mismatches'),
    get('now'),
  ]);
  if (control.status === 'rejected') return lost(page, control.reason);
  if (control.value.stage === 'goingDown') return page.reload();
  ifChanged(page, 'control', control.value, () => drawControl(page, control.value));
  const differences = { ...mismatches.value, held: status.value?.books_comparison?.entries_held === true };
  if (mismatches.value) ifChanged(page, 'mismatches', differences, () => drawMismatches(page, differences));
  ifChanged(page, 'status', status.value ?? status.reason.code, () => drawStatus(page, status));
  ifChanged(page, 'trading', now.value ?? now.reason.code, () => drawTrading(page.trading, now));
  ifChanged(page, 'health', conditions.value ?? conditions.reason.code, () => drawHealth(page, conditions));
  ifChanged(page, 'processes', processes.value ?? processes.reason.code, () => drawProcesses(page, processes));
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

function drawStatus(page, answer) {
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
    el('section', { class: 'card' }, positions(status)),
    el('section', { class: 'card' }, strategies(status)),
  );
}

function signed(text) {
  const kind = text === null || /^-?0(\.0+)?$/.test(text) ? '' : text.startsWith('-') ? 'bad' : 'good';
  return el('span', { class: kind }, money(text));
}

function moneyCard(status) {
  const bridge = status.equity_bridge ?? null;
  const entries = [
    ['P&L today', signed(status.daily_gain_loss)],
    ['Realized today, after fees', signed(status.daily.PnL)],
    ['Unrealized today', signed(bridge === null ? null : bridge.unrealized)],
    ['Unrealized, open positions', signed(status.unrealized ?? null)],
    ['Realized P&L, total', signed(status.cumulative.PnL)],
    ['Market value', money(status.market_value ?? null)],
    ['Equity, positions at cost', money(status.equity)],
    ['Cash', money(status.cash)],
    ['Float', money(status.float)],
  ];
  const list = entries.flatMap(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value)));
  const valuedAt = status.valued_at ?? null;
  return el(
    'section',
    { class: 'card' },
    el('h2', {}, 'Money'),
    el('dl', { class: 'figures' }, ...list),
    valuedAt === null ? null : el('p', { class: 'muted small' }, 'Positions valued at ', timeText(valuedAt)),
  );
}

/** How the bot stands now, also while the figures below are old. */
function drawHealth(page, answer) {
  const heading = el('h2', {}, 'Health');
  if (answer.status === 'rejected') return show(page.health, heading, problemNote(answer.reason));
  const { overall, conditions } = answer.value;
  const items = conditions.map(({ severity, text, remedy }) =>
    el(
      'li',
      {},
      pill(OVERALL_KIND[severity] ?? '', severity),
      ` ${capital(text)}. `,
      el('span', { class: 'muted' }, remedy),
    ),
  );
  return show(
    page.health,
    heading,
    el('p', {}, pill(OVERALL_KIND[overall] ?? '', overall)),
    items.length > 0 ? el('ul', {}, ...items) : null,
  );
}

/** Which market is traded; nothing before it is known, and in a file of an older version. */
function marketFeed(market) {
  if (market === undefined || market.feed === null) return null;
  const days = market.days === null ? '' : `, ${market.days} days from ${market.first_day} to ${market.last_day}`;
  const symbols = market.symbols.length === 0 ? '' : `: ${market.symbols.join(', ')}`;
  const kind = market.simulated ? 'Simulated market' : 'Market';
  return el('p', { class: 'small' }, `${kind} (${market.feed}), ${market.description}${days}${symbols}`);
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

function positions(status) {
  const rows = status.open_positions.map((one) => [
    el('strong', {}, one.ticker),
    one.trade_side,
    one.size,
    one.average_price,
    one.last_price ?? '',
    signed(one.unrealized ?? null),
    one.stop ?? '',
    money(one.amount),
    one.strategy_name ?? '',
  ]);
  return table(['Ticker', 'Side', 'Size', 'Price', 'Last', 'Unrealized', 'Stop', 'Amount', 'Strategy'], rows, {
    caption: 'Open positions',
    numeric: [2, 3, 4, 5, 6, 7],
    empty: 'None.',
  });
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

function drawProcesses(page, answer) {
  if (answer.status === 'rejected') return show(page.processes, el('h2', {}, 'Processes'), problemNote(answer.reason));
  const rows = answer.value.processes.map((one) => [
    one.process,
    pill(one.state === 'running' ? 'is-good' : one.state === 'given up' ? 'is-bad' : '', one.state),
    String(one.restarts),
    bytesText(one.rssBytes),
    timeText(one.startedAt),
    figuresText(one.figures),
  ]);
  const headings = ['Process', 'State', 'Restarts', 'Memory', 'Since', 'Details'];
  return show(page.processes, table(headings, rows, { caption: 'Processes', numeric: [2, 3], wide: [5] }));
}

/** A figure without a value and a lag of zero are not shown. */
function figuresText(figures) {
  return Object.entries(figures)
    .filter(([name, value]) => value !== '' && !(name.startsWith('lag') && value === '0'))
    .map(([name, value]) => `${words(name)} ${value}`)
    .join(', ');
}
