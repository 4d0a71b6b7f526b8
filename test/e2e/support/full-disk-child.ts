/**
 * Child of the tests of a full disk: a whole bot that trades in a home on a small file system of its own. Prints what it
 * saw as one JSON object.
 */
import { closeSync, existsSync, openSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { processesOf } from '../../../src/adapters/home/running-processes.js';
import { systemErrorCode } from '../../../src/adapters/files/system-error.js';
import { addUser } from './add-user.js';
import { logIn } from './live-bot.js';
import { ROOT } from './program.js';
import { botInTheOpenWindow, startTrading } from './trading-bot.js';

const [scenario = '', disk = ''] = process.argv.slice(2);
/** Sessions outlast the fast world. */
const LONG = { SESSION_TIMEOUT_MINUTES: '10080' };
const BALLAST = `${disk}/ballast`;

const { bot, home } = await botInTheOpenWindow(`${disk}/home`, 60, LONG);
await addUser(home.made);
const { control, storage } = home.made.paths;

/** Writes until nothing more fits, in ever smaller parts. */
function fillDisk(): void {
  const file = openSync(BALLAST, 'a');
  for (const bytes of [1_000_000, 4_096, 512]) {
    try {
      for (const part = Buffer.alloc(bytes, 1); ;) writeSync(file, part);
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOSPC') throw error;
    }
  }
  closeSync(file);
}

async function trading(): Promise<void> {
  await startTrading(bot, home);
  await reserveIs(8, 16);
}

/** In MiB: what is set aside for exits, and for a halt. */
async function reserveIs(exits: number, halt: number): Promise<void> {
  const sizeOf = (path: string): number => (statSync(path, { throwIfNoEntry: false })?.size ?? 0) / 1_048_576;
  await bot.eventually(`the reserve is ${exits} and ${halt} MiB`, () => {
    return sizeOf(storage.reserve.exits) === exits && sizeOf(storage.reserve.halt) === halt;
  });
}

async function stopped(from = 0): Promise<void> {
  await bot.eventually('stopped', async () => (await home.states()).slice(from).at(-1) === 'stopped');
}

async function open(): Promise<readonly string[]> {
  const { positions, liveOrders } = await home.state();
  return [
    ...[...positions.values()].filter(({ quantity }) => !quantity.isZero()).map(({ symbol }) => symbol),
    ...liveOrders.keys(),
  ];
}

/** What must hold at the end, whatever happened. */
async function sound(): Promise<object> {
  const chain = await home.read((journal) => journal.verify());
  const intended = (await home.eventsOf('OrderIntended')).map(({ data }) => data.clientOrderId);
  return { open: await open(), chain: chain.ok, repeated: intended.length - new Set(intended).size };
}

/** A kill by flag on a full disk, with a position open; then room again, a start, full again, and another kill. */
async function killByFlag(): Promise<object> {
  await trading();
  const seen: object[] = [];
  for (const round of [1, 2]) {
    const before = (await home.states()).length;
    fillDisk();
    writeFileSync(control.flag('control_kill.flag'), '');
    await stopped(before);
    await bot.eventually('the flag is gone', () => !existsSync(control.flag('control_kill.flag')));
    seen.push({ round, open: await open(), ballast: existsSync(BALLAST) });
    rmSync(BALLAST);
    await reserveIs(8, 16);
    if (round === 2) break;
    writeFileSync(control.flag('control_start.flag'), '');
    await bot.eventually('it is started', async () => (await home.states()).slice(before).includes('idle'));
  }
  return { seen, ended: await bot.stop(), ...(await sound()) };
}

/** A kill on the page on a full disk: log-in, session and kill. */
async function killByWeb(): Promise<object> {
  await trading();
  const early = await logIn(bot);
  fillDisk();
  await reserveIs(0, 16);
  // also what was given back for exits is used up by somebody
  fillDisk();
  const read = await bot.call('GET', '/api/control', undefined, { cookie: early.cookie, 'x-csrf-token': early.csrf });
  const late = await logIn(bot);
  const wrong = await logIn(bot, 'not the password of anna');
  const kill = await bot.call(
    'POST',
    '/api/control/kill',
    { confirm: 'KILL' },
    {
      cookie: late.cookie,
      'x-csrf-token': late.csrf,
    },
  );
  await stopped();
  const left = await open();
  rmSync(BALLAST);
  const recorded = async (): Promise<string> =>
    `${(await home.eventsOf('LoginSucceeded')).length} ${(await home.eventsOf('LoginFailed')).length}`;
  await bot.eventually('both log-ins and the failure are in the journal', async () => (await recorded()) === '2 1');
  const again = await bot.call('GET', '/api/control', undefined, { cookie: late.cookie, 'x-csrf-token': late.csrf });
  const statuses = {
    read: read.status,
    late: late.status,
    wrong: wrong.status,
    kill: kill.status,
    again: again.status,
  };
  return { statuses, left, ended: await bot.stop(), ...(await sound()) };
}

/** Nobody asks for anything: the bot continues by itself when there is room again. */
async function roomAgain(): Promise<object> {
  await trading();
  fillDisk();
  await reserveIs(0, 16);
  // also what was given back for exits is used up by somebody
  fillDisk();
  await pause(12_000);
  rmSync(BALLAST);
  const after = await home.newest();
  await home.until('the engine writes again', ({ meta }) => meta.actor === 'system:engine', { after });
  const error = (await home.states()).includes('error');
  writeFileSync(control.flag('control_kill.flag'), '');
  await stopped();
  return { error, ended: await bot.stop(), ...(await sound()) };
}

/** Main and engine die on the full disk, a kill is set, and main is started again on it. */
async function startOnFullDisk(): Promise<object> {
  await trading();
  fillDisk();
  const engine = join(ROOT, 'dist/program/engine-process.js');
  // an engine without main would obey the kill itself, and takes the space that is set aside: it sees nothing any more
  const pids = processesOf(home.made.home, [engine]);
  for (const pid of pids) signal(pid, 'SIGSTOP');
  await bot.kill9();
  for (const pid of new Set([...pids, ...processesOf(home.made.home, [engine])])) signal(pid, 'SIGKILL');
  await bot.eventually('no engine is left', () => processesOf(home.made.home, [engine]).length === 0);
  fillDisk();
  writeFileSync(control.flag('control_kill.flag'), '');
  await bot.start();
  await stopped();
  return { ended: await bot.stop(), ...(await sound()) };
}

function signal(pid: number, name: 'SIGSTOP' | 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch {
    // it died of the full disk
  }
}

const scenarios: Readonly<Record<string, () => Promise<object>>> = {
  killByFlag,
  killByWeb,
  roomAgain,
  startOnFullDisk,
};
try {
  process.stdout.write(JSON.stringify(await scenarios[scenario]?.()));
} finally {
  await bot.kill9();
}
