'use strict';
/**
 * `tradebot start|stop|kill|status` (RUN-15, WEB-7) with nothing but this file (status.cjs for status) and any Node from 6 on:
 * no set-up, no packages, no build, no journal. A command is a flag in `control/`; its outcome is read back from `control/last_command.json` and
 * `control/bot_state.txt`, which the running bot writes. The paths are those of home-paths.ts; a test compares them.
 */
const fs = require('fs');
const path = require('path');

const COMMANDS = {
  start: {
    does: 'let a stopped bot trade again',
    ends: ['idle', 'analyzing', 'trading', 'monitoring', 'updating', 'error'],
  },
  stop: { does: 'let strategies finish, close positions in order, then stop', ends: ['stopped', 'error'] },
  kill: { does: 'cancel all orders and close all positions now, then stop', ends: ['stopped', 'error'] },
  status: { does: 'show state, positions, P&L and warnings' },
};

const DEFAULT_WAIT_S = 60;
const LONGEST_WAIT_S = 86400;
const LOOK_MS = 100;
/** While a stop or kill closes, what is left is shown this often. */
const SHOW_MS = 10000;

/** A refusal with its remedy; the command ends with exit code 1. */
function Refusal(code, message, remedy) {
  this.code = code;
  this.message = message;
  this.remedy = remedy;
}

/** Paths in a home. */
function pathsOf(home) {
  return {
    home,
    marker: path.join(home, 'storage/home.json'),
    storage: path.join(home, 'storage'),
    holder: path.join(home, 'storage/lock.json'),
    engine: path.join(home, 'storage/engine.json'),
    control: path.join(home, 'control'),
    botState: path.join(home, 'control/bot_state.txt'),
    lastCommand: path.join(home, 'control/last_command.json'),
    status: path.join(home, 'output/status.json'),
    health: path.join(home, 'output/health.json'),
  };
}

// --- the command line ---

function parse(args) {
  const asked = { command: undefined, home: undefined, json: false, help: false, wait: undefined };
  for (let at = 0; at < args.length; at += 1) {
    const word = args[at];
    const cut = word.startsWith('--') ? word.indexOf('=') : -1;
    const name = cut < 0 ? word : word.slice(0, cut);
    const value = cut < 0 ? undefined : word.slice(cut + 1);
    if (name === '--home') {
      if (value === undefined) at += 1;
      asked.home = value === undefined ? args[at] : value;
      if (asked.home === undefined || asked.home === '') {
        throw new Refusal('HOME_EMPTY', '--home is empty', 'Give a folder, or leave --home out.');
      }
    } else if (name === '--json') asked.json = true;
    else if (name === '--help' || name === '-h') asked.help = true;
    else if (name === '--wait' && asked.command !== 'status') {
      const next = args[at + 1];
      const follows = value === undefined && next !== undefined && !next.startsWith('-');
      if (follows) at += 1;
      asked.wait = waitOf(value !== undefined ? value : follows ? next : String(DEFAULT_WAIT_S));
    } else if (!word.startsWith('-') && asked.command === undefined) asked.command = word;
    else
      throw new Refusal('USAGE', `unknown option or argument '${word}'`, `See tradebot ${asked.command || ''} --help.`);
  }
  return asked;
}

function waitOf(text) {
  const seconds = Number(text);
  if (/^[0-9]{1,6}$/.test(text) && seconds >= 1 && seconds <= LONGEST_WAIT_S) return seconds;
  throw new Refusal('BAD_OPTION', `--wait "${text}" is not a whole number from 1 to ${LONGEST_WAIT_S}`, 'Correct it.');
}

function helpOf(command) {
  const wait = `  --wait [seconds]  wait and show the outcome (default: ${DEFAULT_WAIT_S} seconds)\n`;
  return (
    `Usage: tradebot ${command} [options]\n\n${COMMANDS[command].does}\n\nOptions:\n` +
    (command === 'status' ? '' : wait) +
    '  --home <dir>      the home of the bot (default: TRADEBOT_HOME, else the project folder)\n' +
    '  --json            results and errors as JSON\n' +
    '  -h, --help        show this help\n'
  );
}

/** The same order as for `run`: the option, the environment, the `.env` file of the project, the project itself. */
function homeOf(asked, root) {
  const given = asked.home || process.env.TRADEBOT_HOME || dotEnvHome(root) || root;
  return path.resolve(given);
}

function dotEnvHome(root) {
  const text = textOf(path.join(root, '.env'));
  const found = /^[ \t]*(?:export[ \t]+)?TRADEBOT_HOME[ \t]*=[ \t]*(.*?)[ \t]*$/m.exec(text === null ? '' : text);
  return found === null ? undefined : found[1].replace(/^(["'])(.*)\1$/, '$2');
}

// --- reading ---

function textOf(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].indexOf(error.code) >= 0) return null;
    throw error;
  }
}

function jsonOf(file) {
  try {
    return JSON.parse(textOf(file));
  } catch (_error) {
    return null;
  }
}

function wordOf(file) {
  const text = textOf(file);
  return text === null ? null : text.trim();
}

/** The process that holds the home, or null: a process that has ended holds nothing. */
function holderOf(paths) {
  const holder = jsonOf(paths.holder);
  if (holder === null || typeof holder !== 'object' || !isAlive(holder.pid)) return null;
  return { pid: holder.pid, command: holder.command, since: holder.since };
}

function isAlive(pid) {
  if (typeof pid !== 'number') return false;
  try {
    process.kill(pid, 0);
    // a process that has ended and that nobody waited for still has its number
    return !/^\d+ \(.*\) Z/.test(textOf(`/proc/${pid}/stat`) || '');
  } catch (error) {
    // EPERM means that the process exists and belongs to another user.
    return error.code === 'EPERM';
  }
}

/** An engine whose main has ended, by its own note, or null. When it has ended too, its note says what it left. */
function orphanOf(paths) {
  const engine = jsonOf(paths.engine);
  if (engine === null || typeof engine !== 'object' || typeof engine.orphan !== 'object') return null;
  if (engine.orphan === null || holderOf(paths) !== null) return null;
  return Object.assign({ pid: engine.pid, alive: engine.orphan.ended === null && isAlive(engine.pid) }, engine.orphan);
}

/** The state of the bot: an engine without main writes its own, because nobody updates the state file. */
function stateOf(paths) {
  const orphan = orphanOf(paths);
  return orphan === null ? wordOf(paths.botState) : orphan.state;
}

/** A damaged home may still have a bot to kill: any trace of one is enough. */
function requireHome(paths) {
  if (textOf(paths.botState) !== null || fs.existsSync(paths.marker) || fs.existsSync(paths.storage)) return;
  throw new Refusal(
    'HOME_MISSING',
    `${paths.home} is not the home of a bot`,
    'Give the folder of the bot with --home; tradebot run creates one.'
  );
}

// --- start, stop, kill ---

function control(asked, paths, print) {
  const orphan = orphanOf(paths);
  const alone = orphan !== null && orphan.alive && asked.command !== 'start';
  const running = alone || (holderOf(paths) || {}).command === 'run';
  // Only a kill is queued, so nothing trades before it; a queued start or stop would surprise the next run.
  if (!running && asked.command !== 'kill') {
    throw new Refusal('NOT_RUNNING', `no bot is running in ${paths.home}`, 'Start it with: tradebot run.');
  }
  if (asked.command === 'start') refuseTripped(paths);
  const flag = `control_${asked.command}.flag`;
  const setAt = setFlag(paths, flag);
  if (asked.wait === undefined || !running) {
    print(
      { ok: true, command: asked.command, flag, running, outcome: null },
      running
        ? [`${asked.command}: requested`]
        : [`${asked.command}: queued. The bot is not running; it takes effect at the next start.`]
    );
    return 0;
  }
  return outcomeOf(asked, paths, { flag, setAt }, print);
}

/** A start would be refused: that is said at once. A file that is old must lock nobody out, so the flag itself stays possible. */
function refuseTripped(paths) {
  const state = wordOf(paths.botState);
  const kill = (jsonOf(paths.status) || {}).kill_switch || {};
  if (kill.triggered !== true || (state !== 'stopped' && state !== 'error')) return;
  throw new Refusal(
    'KILL_SWITCH',
    `the kill switch has tripped (${kill.reason || 'no reason known'}): a start would be refused`,
    'Reset it first: tradebot reset kill-switch --reason "<why>". If it was reset already: touch control/control_start.flag.'
  );
}

/** Writes the flag as a whole or, on a full disk, empty: both are obeyed. Returns its time in ms. */
function setFlag(paths, name) {
  const file = path.join(paths.control, name);
  const temporary = path.join(paths.control, `.${name}.${process.pid}.tmp`);
  // Main may take the flag at once, so its time is read before the file has its name.
  let modified;
  try {
    try {
      fs.writeFileSync(temporary, `${JSON.stringify({ by: null, at: new Date().toISOString() })}\n`, { mode: 0o600 });
      modified = fs.statSync(temporary).mtime;
      fs.renameSync(temporary, file);
    } catch (error) {
      try {
        fs.unlinkSync(temporary);
      } catch (_missing) {
        // It was never written.
      }
      if (error.code !== 'ENOSPC' && error.code !== 'EDQUOT') throw error;
      const handle = fs.openSync(file, 'w', 0o600);
      modified = fs.fstatSync(handle).mtime;
      fs.closeSync(handle);
    }
    // One ms less: Node rounds the time, main truncates it.
    return Math.floor(modified.getTime()) - 1;
  } catch (error) {
    throw new Refusal(
      'FLAG_NOT_WRITABLE',
      `the flag cannot be set in ${paths.control}: ${error.code || error.message}`,
      `Run this as the user of the bot, or: touch ${file}`
    );
  }
}

function outcomeOf(asked, paths, set, print) {
  const flag = set.flag;
  const setAt = set.setAt;
  const until = Date.now() + asked.wait * 1000;
  let answer = null;
  let state;
  let shownAt = Date.now();
  for (;;) {
    const last = jsonOf(paths.lastCommand);
    if (last !== null && last.flag === flag && Date.parse(last.flag_at) >= setAt) answer = last;
    state = stateOf(paths);
    if (answer !== null && (answer.outcome === 'refused' || COMMANDS[asked.command].ends.indexOf(state) >= 0)) break;
    if (Date.now() >= until) break;
    if (!asked.json && Date.now() - shownAt >= SHOW_MS) {
      shownAt = Date.now();
      const left = leftToClose(paths);
      if (left !== null) process.stderr.write(`${harmless(left)}\n`);
    }
    pause(LOOK_MS);
  }
  const outcome = answer === null ? null : answer.outcome;
  const reason = answer === null ? 'the bot has not read the command yet' : answer.reason;
  const done = outcome === 'obeyed' && state !== 'error' && COMMANDS[asked.command].ends.indexOf(state) >= 0;
  const left = done ? null : leftToClose(paths);
  print({ ok: done, command: asked.command, flag, running: true, outcome, reason, state, left }, [
    `${asked.command}: ${outcome || 'waiting'} (${reason}); the bot is in state ${state}${left === null ? '' : `; ${left}`}`,
  ]);
  if (outcome === 'refused') return 1;
  return done ? 0 : 3;
}

/** What a stop or kill has left, since when, and what the limit of the broker adds; null when main has not said so lately. */
function leftToClose(paths) {
  const health = jsonOf(paths.health) || {};
  const closing = (health.briefing || {}).closing || {};
  const isNow = Math.abs(Date.now() - Date.parse(health.at)) < SHOW_MS;
  return isNow && typeof closing.text === 'string' ? closing.text : null;
}

/** Blocks without a timer, to keep the command synchronous. */
function pause(ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

// --- status ---

function status(paths, print) {
  // Loaded here: a kill depends on no other file.
  const shown = require('./status.cjs');
  const marker = jsonOf(paths.marker);
  const identity = marker === null || typeof marker.botIdentity !== 'string' ? null : marker.botIdentity;
  const holder = holderOf(paths);
  const state = stateOf(paths);
  const orphan = orphanOf(paths);
  const text = identity === null ? null : textOf(paths.status);
  const found = text === null ? null : jsonOf(paths.status);
  if (text !== null && found === null) {
    throw new Refusal('STATUS_UNREADABLE', `${paths.status} is not JSON`, 'Rebuild it: tradebot rebuild status.');
  }
  const seen = { identity, holder, orphan, state, found, health: jsonOf(paths.health), at: Date.now() };
  const now = shown.standing(seen);
  const wrong = state === 'error' || now.overall === 'Critical' || orphan !== null;
  const lines = [
    identity === null
      ? `${paths.home}: ${shown.isBeforeSetup(state) ? 'not set up yet' : 'the bot of this home is not known'}`
      : `${identity} in ${paths.home}`,
    shown.line('running', orphan === null ? shown.runningText(holder, state) : shown.orphanText(orphan)),
    shown.line('state', state === null ? 'unknown' : state),
  ]
    .concat(shown.briefingLines(seen, now).map((entry) => shown.line(entry[0], entry[1])))
    .concat(shown.conditionLines(now).map((entry) => shown.line(entry[0], entry[1])))
    .concat(found === null ? [] : shown.statusLines(found).map((entry) => shown.line(entry[0], entry[1])));
  const facts = { ok: !wrong, home: paths.home, identity, running: holder, engine: orphan, state };
  const parts = { overall: now.overall, conditions: now.conditions, briefing: now.briefing || null, status: found };
  print(Object.assign(facts, parts), lines);
  return wrong ? 3 : 0;
}

// --- the program ---

/** The same as `printable` of src/kernel/printable.ts, since a kill needs no build: a test compares the sets. */
function harmless(text) {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\udb40[\udc00-\udfff]/g,
    (unseen) => {
      const codes = unseen.split('').map((unit) => `\\u${`000${unit.charCodeAt(0).toString(16)}`.slice(-4)}`);
      return codes.join('');
    }
  );
}

/** Runs one of the four commands; returns its exit code: 0 done, 1 refused, 3 failed. */
function run(args, root) {
  let json = args.indexOf('--json') >= 0;
  try {
    const asked = parse(args);
    json = asked.json;
    if (asked.help) {
      process.stdout.write(helpOf(asked.command));
      return 0;
    }
    const paths = pathsOf(homeOf(asked, root));
    const print = (result, lines) => {
      if (json) process.stdout.write(`${harmless(JSON.stringify(result))}\n`);
      else for (const text of lines) process.stdout.write(`${harmless(text)}\n`);
    };
    requireHome(paths);
    return asked.command === 'status' ? status(paths, print) : control(asked, paths, print);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const fault = { kind: 'ConfigError', code: error.code, message: error.message, remedy: error.remedy, details: {} };
    process.stderr.write(
      json
        ? `${harmless(JSON.stringify({ ok: false, error: fault }))}\n`
        : `${harmless(`${error.message} (${error.code}). ${error.remedy}`)}\n`
    );
    return 1;
  }
}

/** Whether the arguments name one of the four commands. */
function isControl(args) {
  for (let at = 0; at < args.length; at += 1) {
    if (args[at] === '--home') at += 1;
    else if (!args[at].startsWith('-')) return Object.prototype.hasOwnProperty.call(COMMANDS, args[at]);
  }
  return false;
}

module.exports = { COMMANDS, harmless, isControl, pathsOf, run };

if (require.main === module) {
  // A Node that cannot run this file ends with 1 or 2; answers to the shell script have codes of their own, from 40 on.
  const base = process.env.TRADEBOT_LAUNCHER === '1' ? 40 : 0;
  try {
    process.exitCode = base + run(process.argv.slice(2), path.join(__dirname, '../../..'));
  } catch (error) {
    // 70: the command did not run, so the shell script sets the flag itself.
    process.stderr.write(`${error.stack}\n`);
    process.exitCode = 70;
  }
}
