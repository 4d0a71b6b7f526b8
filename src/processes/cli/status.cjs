'use strict';
/**
 * What `tradebot status` shows, of what control.cjs has read: pure, and for any Node from 6 on. A test compares the names.
 */

/** States that a bot may rest in; any other state without a running bot means an unexpected stop. A test compares them. */
const AT_REST = ['initialize', 'provisioning', 'bootstrapping', 'registration', 'stopped', 'shutdown', 'error'];
/** States that a home can be in before it has a marker. A test compares them. */
const BEFORE_SETUP = ['initialize', 'provisioning', 'bootstrapping'];
/** main writes how it stands each 2 s: one that did not for so long hangs, or its disk takes nothing. */
const HEALTH_OLD_MS = 20000;

/**
 * How the bot stands now. main writes that each 2 s while it runs; without it only what the files last said is known, and
 * whether anything runs that would have changed them.
 */
function standing(seen) {
  const holder = seen.holder;
  const said = seen.found === null ? [] : conditionsOf(seen.found);
  if (seen.identity === null) return isBeforeSetup(seen.state) ? { overall: null, conditions: [] } : markerLost(seen);
  if (holder !== null && holder.command === 'run') return besideMain(seen, said);
  if (seen.orphan !== null && seen.orphan.alive) {
    const text = 'the main process has ended: its engine keeps the positions and enters nothing';
    return worstOf([critical('MAIN_GONE', text, 'Start it again: tradebot run takes over.')].concat(said));
  }
  const found = seen.found || {};
  const last = valueOf(partOf(found, 'as_of').time) || 'an unknown time';
  // A home in which only days were simulated has no processes, and nothing is expected of it.
  const wasRun = Object.prototype.hasOwnProperty.call(partOf(found, 'processes'), 'main');
  // An engine that outlived its main knows better than the file, which nobody continued.
  const left = seen.orphan !== null && Array.isArray(seen.orphan.open) ? seen.orphan.open : null;
  const open = left !== null ? left : wasRun ? ownPositions(found.open_positions) : [];
  if (open.length > 0) {
    const text = `no bot runs, and nobody manages the open positions ${open.join(', ')} (as of ${last})`;
    const remedy = 'Start it: tradebot run. Or close them at the broker.';
    const others = said.filter((one) => one.code !== 'POSITIONS_UNMANAGED');
    return worstOf([critical('POSITIONS_UNMANAGED', text, remedy)].concat(others));
  }
  if (wasRun && seen.state !== null && AT_REST.indexOf(seen.state) < 0) {
    const text = `the bot ended unexpectedly: what follows is as of ${last}`;
    return worstOf([critical('BOT_GONE', text, 'Start it: tradebot run.')].concat(said));
  }
  return worstOf(said);
}

function isBeforeSetup(state) {
  return state === null || BEFORE_SETUP.indexOf(state) >= 0;
}

/** Without its marker nothing is known of a bot that was set up, and no start of it succeeds. */
function markerLost(seen) {
  const text = `storage/home.json is missing or damaged, though the bot was set up (state ${seen.state}): positions may be open`;
  return worstOf([critical('HOME_MARKER_LOST', text, 'Restore it from a backup. Close open positions at the broker.')]);
}

function besideMain(seen, said) {
  const health = seen.health;
  const holder = seen.holder;
  const written = health === null || typeof health !== 'object' ? NaN : Date.parse(health.at);
  if (Math.abs(seen.at - written) <= HEALTH_OLD_MS && health.pid === holder.pid) {
    return {
      overall: valueOf(health.overall) || null,
      conditions: conditionsOf(health),
      briefing: partOf(health, 'briefing'),
    };
  }
  // One that has just started has not written yet.
  if (Math.abs(seen.at - Date.parse(holder.since)) <= HEALTH_OLD_MS) return worstOf(said);
  const since = written >= 0 ? health.at : 'its start';
  const text = `the main process (${holder.pid}) has not reported since ${since}: what follows is old`;
  const remedy = `See main_bot.log; end process ${holder.pid} and start again: tradebot run.`;
  return worstOf([critical('MAIN_SILENT', text, remedy)].concat(said));
}

/** Symbols of the positions that a strategy holds. */
function ownPositions(positions) {
  if (!Array.isArray(positions)) return [];
  const own = positions.filter((one) => one !== null && typeof one === 'object' && valueOf(one.strategy_name));
  return own.map((one) => valueOf(one.ticker) || '?');
}

/** The conditions of a file; of an older version's the reasons of overall. */
function conditionsOf(found) {
  const list = Array.isArray(found.conditions) ? found.conditions : null;
  if (list !== null) return list.filter((one) => typeof one === 'object' && one !== null);
  const overall = partOf(found, 'overall');
  const reasons = Array.isArray(overall.reasons) ? overall.reasons : [];
  return reasons.map((reason) => ({
    code: 'REASON',
    severity: overall.status === 'Critical' ? 'Critical' : 'Warning',
    text: typeof reason === 'string' ? reason : JSON.stringify(reason),
    remedy: '',
  }));
}

function critical(code, text, remedy) {
  return { code, severity: 'Critical', text, remedy };
}

function worstOf(conditions) {
  const severe = conditions.some((one) => one.severity === 'Critical');
  return { overall: severe ? 'Critical' : conditions.length > 0 ? 'Warning' : 'OK', conditions };
}

/** `overall`, then each condition with its remedy below it. */
function conditionLines(now) {
  if (now.overall === null) return [];
  return [['overall', now.overall]].concat(
    ...now.conditions.map((one) => {
      const first = [['', `${valueOf(one.severity)}: ${valueOf(one.text)}`]];
      return valueOf(one.remedy) ? first.concat([['', `  ${one.remedy}`]]) : first;
    })
  );
}

/**
 * What a person asks first: is it real, what time is it there, when does it trade next, and why not now. A bot that does not
 * run has no next session; a home in which only days were simulated is no bot.
 */
function briefingLines(seen, now) {
  const found = seen.found || {};
  const briefing = now.briefing || {};
  const simulated = briefing.simulated === undefined ? found.simulated : briefing.simulated;
  const account = valueOf(partOf(briefing, 'account').text) || valueOf(partOf(found, 'broker_account').text);
  const real = simulated === false && account !== undefined ? [['account', account]] : [];
  const mode = simulated === true ? [['mode', 'SIMULATED: no order reaches a market']] : real;
  if (now.briefing === undefined) {
    const wasRun = Object.prototype.hasOwnProperty.call(partOf(found, 'processes'), 'main');
    const runs = seen.holder !== null || (seen.orphan !== null && seen.orphan.alive);
    return wasRun && !runs ? mode.concat([['next session', 'none: no bot runs. Start it: tradebot run']]) : mode;
  }
  return mode
    .concat([
      ['clock', clockText(partOf(briefing, 'clock'))],
      ['next session', valueOf(partOf(briefing, 'nextSession').text)],
      ['closing', valueOf(partOf(briefing, 'closing').text)],
      ['market data', valueOf(partOf(briefing, 'marketData').text)],
    ])
    .filter((entry) => entry[1] !== undefined)
    .concat(notTradingLines(briefing.notTrading, now.conditions));
}

/** The time of the bot, and that of the machine when it is another. */
function clockText(clock) {
  const speed = valueOf(clock.speed);
  const text = valueOf(clock.text);
  if (text === undefined || speed === '1') return text;
  return `${text}, ${speed} times as fast as the clock of this machine, which shows ${valueOf(clock.machine)}`;
}

/** Why no position is opened now; the remedy of a condition is shown with that condition. */
function notTradingLines(reasons, conditions) {
  if (!Array.isArray(reasons)) return [];
  const lines = reasons.map((one) => {
    const known = conditions.some(({ code }) => code === one.code);
    return known ? String(one.text) : `${one.text}. ${one.remedy}`;
  });
  return lines.map((text, at) => [at === 0 ? 'no entries' : '', text]);
}

function line(label, text) {
  return `  ${`${label}                `.slice(0, 15)} ${text}`;
}

/** A bot that was killed leaves its last state behind: the lines that follow describe the past. */
function runningText(holder, state) {
  if (holder !== null) return `tradebot ${holder.command}, process ${holder.pid}, since ${holder.since}`;
  if (state === null || AT_REST.indexOf(state) >= 0) return 'not running';
  return 'not running (stopped unexpectedly). Last known state:';
}

/** Main has ended: what its engine does, or did before it ended. */
function orphanText(orphan) {
  const open = Array.isArray(orphan.open) && orphan.open.length > 0 ? orphan.open.join(', ') : 'none';
  if (!orphan.alive) {
    const why = orphan.ended === null ? 'unexpectedly' : `(${orphan.ended})`;
    return `not running. The main process ended; its engine continued and ended ${why}, open positions: ${open}. Last known state:`;
  }
  const does =
    orphan.policy === 'close'
      ? `closes its positions ${orphan.graceSeconds} s later`
      : 'keeps its positions with their stops';
  return (
    `the main process ended at ${orphan.since}; engine process ${orphan.pid} ${does} and opens none (open: ${open}). ` +
    'tradebot run takes over. Last known state:'
  );
}

/** Label and text of each part of status.json; empty parts are omitted. */
function statusLines(found) {
  return [
    ['session', sessionText(partOf(found, 'session'))],
    ['equity', valueOf(found.equity)],
    ['cash', valueOf(found.cash)],
    ['P&L today', todayText(found)],
  ]
    .concat(positionLines(found.open_positions))
    .concat([
      ['market', marketText(partOf(found, 'market_feed'))],
      ['universe', valueOf(found.universe_status)],
      ['owner', ownerText(partOf(found, 'ownership'))],
      ['kill switch', killText(partOf(found, 'kill_switch'))],
      ['defense mode', sinceText('on', partOf(found, 'defense_mode'), 'active')],
      ['broker', unlessOk(partOf(found, 'broker'))],
      ['market data', unlessOk(partOf(found, 'market_data'))],
      ['data quality', qualityText(partOf(found, 'market_quality'))],
      ['as of', valueOf(partOf(found, 'as_of').time)],
    ])
    .filter((entry) => entry[1] !== undefined);
}

/** Realized and unrealized; of an older version's file, which values nothing, the realized part. */
function todayText(found) {
  const realized = valueOf(partOf(found, 'daily').PnL);
  const unrealized = valueOf(partOf(found, 'equity_bridge').unrealized);
  const result = valueOf(found.daily_gain_loss);
  if (unrealized === undefined || result === undefined) return realized;
  return `${result} (realized ${realized || '?'} after fees, unrealized ${unrealized})`;
}

/** Rows of market data that the last session left out; undefined when there were none. */
function qualityText(quality) {
  const dropped = Number(valueOf(quality.dropped_rows));
  if (!(dropped > 0)) return undefined;
  const findings = partOf(quality, 'findings');
  const rules = Object.keys(findings).map((rule) => `${rule} ${String(findings[rule])}`);
  return `${dropped} rows dropped in session ${String(quality.date)} (${rules.join(', ')})`;
}

function sessionText(session) {
  const state = valueOf(session.state);
  const date = valueOf(session.date);
  if (state === undefined || date === undefined) return state;
  const phase = valueOf(session.phase);
  return (
    `${state} ${date}${phase === undefined ? '' : `, strategy ${phase}`}` +
    `, from ${valueOf(session.opens_at) || '?'} to ${valueOf(session.closes_at) || '?'}`
  );
}

/** Which market is traded; a file of an older version says nothing of it. */
function marketText(market) {
  const feed = valueOf(market.feed);
  if (feed === undefined) return undefined;
  const days = valueOf(market.days);
  const range = days === undefined ? '' : `, ${days} days, ${valueOf(market.first_day)} to ${valueOf(market.last_day)}`;
  return `${market.simulated === true ? 'simulated, ' : ''}${feed}: ${valueOf(market.description) || '?'}${range}`;
}

/** Who trades for the bot; a journal that only this home can reach says nothing of it. */
function ownerText(owner) {
  const number = valueOf(owner.number);
  if (number === undefined) return undefined;
  const ended = owner.ended === true ? ', ended' : '';
  return `${valueOf(owner.home)} on ${valueOf(owner.machine)}, ownership ${number}, since ${valueOf(owner.since)}${ended}`;
}

function positionLines(positions) {
  if (!Array.isArray(positions)) return [];
  if (positions.length === 0) return [['positions', 'none']];
  return positions.map((position, at) => [at === 0 ? 'positions' : '', positionText(position || {})]);
}

function positionText(position) {
  const of = (key) => valueOf(position[key]) || '?';
  const stop = valueOf(position.stop);
  const unrealized = valueOf(position.unrealized);
  return (
    `${of('ticker')} ${of('trade_side')} ${of('size')} at ${of('average_price')}, strategy ${of('strategy_name')}` +
    (stop === undefined ? '' : `, stop ${stop}`) +
    (unrealized === undefined ? '' : `, unrealized ${unrealized} at ${of('last_price')}`)
  );
}

function killText(kill) {
  return sinceText('triggered', kill, 'triggered') || (kill.armed === true ? 'armed' : undefined);
}

function sinceText(word, part, key) {
  if (part[key] !== true) return undefined;
  const since = valueOf(part.since);
  const reason = valueOf(part.reason);
  return `${word}${since === undefined ? '' : ` since ${since}`}${reason === undefined ? '' : `: ${reason}`}`;
}

function unlessOk(part) {
  const state = valueOf(part.state);
  return state === undefined || state === 'ok'
    ? undefined
    : sinceText(state, Object.assign({}, part, { down: true }), 'down');
}

function partOf(found, key) {
  const part = found[key];
  return typeof part === 'object' && part !== null ? part : {};
}

/** Text of a plain value; undefined for a list, an object or nothing. */
function valueOf(value) {
  if (['string', 'number', 'boolean'].indexOf(typeof value) < 0) return undefined;
  return String(value);
}

module.exports = {
  AT_REST,
  BEFORE_SETUP,
  briefingLines,
  isBeforeSetup,
  conditionLines,
  line,
  orphanText,
  runningText,
  standing,
  statusLines,
};
