import type { Log } from '../../adapters/telemetry/telemetry.js';
import { configError } from '../../kernel/errors.js';
import type { Answer, Ask, ChildName, PlainError, WorkerTask } from '../ipc/messages.js';
import { plainErrorOf } from '../ipc/plain-error.js';

const USER = /^user:U-[0-9a-f]{8,64}$/;

/** Who may be named as the cause of a task that the web asks for; null: the web asks for no such task. */
const ACTORS: Readonly<Record<WorkerTask['task'], RegExp | null>> = {
  provision: /^user:setup$/,
  'save-settings': USER,
  'save-secret': USER,
  rotate: USER,
  'destroy-earlier': USER,
  float: USER,
  adjust: USER,
  mismatch: USER,
  'confirm-entry': USER,
  'inverse-etfs': USER,
  // These are main's own.
  users: null,
  reconcile: null,
  backup: null,
  verify: null,
  anchor: null,
  universe: null,
  books: null,
  'test-run': null,
};

/** Second factors are the only secret that the web changes for an account by itself. */
const ACCESS = 'system:access';

/**
 * Why main does not do what a child asks for; undefined when it does. The web alone asks, each thing as somebody who can
 * want it: a child that was taken over gets no worker for other work, and acts as no part of the program.
 */
export function refuseAsk(
  child: ChildName,
  ask: Ask,
  { isSetUp, log }: { readonly isSetUp: boolean; readonly log: Pick<Log, 'error'> },
): Answer | undefined {
  const error = askRefusal(child, ask, isSetUp);
  if (error === undefined) return undefined;
  log.error('a process asked for what it may not', { process: child, ...error });
  return { ok: false, error };
}

function askRefusal(child: ChildName, ask: Ask, isSetUp: boolean): PlainError | undefined {
  if (child !== 'web') return refusal(child, ask, 'only the web asks');
  switch (ask.ask) {
    case 'processes':
    case 'conditions':
    case 'tests':
    case 'book-tasks':
    case 'held-streams':
    case 'verified-journal':
      return undefined;
    case 'reset':
    case 'acknowledge-stream':
    case 'book-task':
    case 'universe':
      return USER.test(ask.actor) ? undefined : refusal(child, ask, `${shown(ask.actor)} is no user`);
    case 'worker':
      return taskRefusal(child, ask, isSetUp);
  }
}

function taskRefusal(child: ChildName, ask: Extract<Ask, { ask: 'worker' }>, isSetUp: boolean): PlainError | undefined {
  const { task } = ask;
  const allowed = Object.hasOwn(ACTORS, task.task) ? ACTORS[task.task] : null;
  if (allowed === null) return refusal(child, ask, `the task ${shown(task.task)} is none of a child`);
  if (task.task === 'provision' && isSetUp) return refusal(child, ask, 'the bot is set up already');
  const actor = 'actor' in task ? task.actor : '';
  if (allowed.test(actor)) return undefined;
  if (task.task === 'save-secret' && task.name === 'login' && actor === ACCESS) return undefined;
  return refusal(child, ask, `${shown(actor)} may not ask for ${task.task}`);
}

const shown = (text: unknown): string => JSON.stringify(String(text).slice(0, 60));

function refusal(child: ChildName, { ask }: Ask, why: string): PlainError {
  return plainErrorOf(
    configError({
      code: 'ASK_REFUSED',
      message: `main does not do what the ${child} process asks for (${shown(ask)}): ${why}`,
      remedy: 'Report this with the log of main; nothing was done.',
    }),
  );
}
