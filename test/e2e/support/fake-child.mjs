/**
 * A fake of any child of main: it uses the real channel to main, and its engine only moves the bot's state. It follows
 * the rule for its name in `<home>/fake.json` and records the messages that it received in `<home>/fake-<name>.log`.
 */
import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';
import { configError } from '../../../dist/src/kernel/errors.js';
import { runChild } from '../../../dist/src/processes/ipc/child.js';

const name = process.execArgv.includes('--conditions=engine')
  ? 'engine'
  : process.execArgv.includes('--conditions=projector')
    ? 'projector'
    : process.execArgv.includes('--conditions=web')
      ? 'web'
      : 'worker';

function rule(home) {
  try {
    return JSON.parse(readFileSync(`${home}/fake.json`, 'utf8'))[name] ?? {};
  } catch {
    return {};
  }
}

/** Loaded only where it is used, since most fakes write nothing. */
async function withScribe(home, work) {
  const [{ SystemClock }, { openHome }, { SqliteJournal }, { EventAppender }] = await Promise.all([
    import('../../../dist/src/adapters/clock/system-clock.js'),
    import('../../../dist/src/adapters/home/home.js'),
    import('../../../dist/src/adapters/journal-sqlite/sqlite-journal.js'),
    import('../../../dist/src/app/journal/event-appender.js'),
  ]);
  const { paths, identity } = openHome({ dir: home, create: false, version: '0' });
  const clock = new SystemClock();
  const journal = await SqliteJournal.open({ path: paths.storage.journalDb, clock });
  try {
    return await work(new EventAppender({ journal, clock, identity, actor: `system:${name}` }));
  } finally {
    await journal.close();
  }
}

async function obey(home, command) {
  const steps = {
    kill: ['emergency_closing_positions', 'stopped'],
    stop: ['graceful_closing_positions', 'stopped'],
    start: ['started', 'idle'],
    reload: [],
    shutdown: [],
  }[command.kind];
  try {
    await withScribe(home, async (appender) => {
      for (const to of steps) await appender.changeBotState(to, command.reason ?? command.kind, command.actor);
    });
    return { outcome: 'obeyed', reason: `fake ${command.kind}` };
  } catch (error) {
    return { outcome: 'refused', reason: error.message };
  }
}

runChild(name, async (child) => {
  const { home } = child.init;
  const say = (what) =>
    appendFileSync(`${home}/fake-${name}.log`, `${JSON.stringify({ pid: process.pid, ...what })}\n`);
  const { mode = 'ok', asks = [], reports = [] } = rule(home);
  const { web } = child.init;
  // A digest, since the token itself must not be written.
  const mark = web?.setupToken ? createHash('sha256').update(web.setupToken).digest('hex').slice(0, 12) : null;
  say({ init: { ...child.init, web: web === null ? null : { ...web, setupToken: undefined } }, mark });
  if (mode === 'crash') throw new Error('fake crash with password=hunter2');
  if (mode === 'fatal') {
    throw configError({ code: 'FAKE_FATAL', message: 'the fake cannot continue', remedy: 'Fix the fake.' });
  }
  if (mode === 'hang') for (;;) if (process.hrtime === undefined) break;
  if (name === 'worker') {
    setTimeout(() => child.done({ ok: true, value: { task: child.init.task.task } }), 50);
    return { stop: async () => undefined };
  }
  if (name === 'engine') {
    // one after the other, as the engine does
    let turn = Promise.resolve();
    if (mode !== 'deaf') {
      child.onCommand((command) => {
        say({ command });
        return (turn = turn.then(() => obey(home, command)));
      });
    }
  }
  for (const ask of asks) {
    child.ask(ask, 20_000).then(
      (value) => say({ answer: value }),
      (error) => say({ refusal: error.code }),
    );
  }
  for (const event of reports) {
    await withScribe(home, (appender) =>
      appender.append(event.stream, [{ ...event.draft, correlationId: 'fake', causationId: null }], 'user:U-1'),
    );
  }
  return {
    figures: () => ({ address: 'http://127.0.0.1:1' }),
    stop: async (stop) => {
      say({ stop });
      if (mode === 'slow-stop') await new Promise((resolve) => setTimeout(resolve, 60_000));
    },
  };
});
