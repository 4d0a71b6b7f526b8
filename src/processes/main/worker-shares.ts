import type { WorkerTask } from '../ipc/messages.js';

/** Parts of the queue of workers: what fills one leaves the others free. */
type Share = 'bot' | 'settings' | 'books' | 'second factors';

/** Tasks of a share that may wait. */
const MOST_WAITING: Readonly<Record<Share, number>> = { bot: 20, settings: 10, books: 10, 'second factors': 5 };
/** Tasks of one person that may wait, in all shares. */
const MOST_OF_A_PERSON = 5;

/** Whether one more task may wait next to those that do: a person or a kind of task never takes the places of the others. */
export function mayWait(task: WorkerTask, waiting: readonly WorkerTask[]): boolean {
  const share = shareOf(task);
  if (waiting.filter((other) => shareOf(other) === share).length >= MOST_WAITING[share]) return false;
  const person = personOf(task);
  return person === undefined || waiting.filter((other) => personOf(other) === person).length < MOST_OF_A_PERSON;
}

function shareOf(task: WorkerTask): Share {
  switch (task.task) {
    case 'provision':
    case 'save-settings':
    case 'destroy-earlier':
    case 'users':
    case 'inverse-etfs':
      return 'settings';
    case 'save-secret':
      // users of any role confirm and end second factors
      return task.name === 'login' ? 'second factors' : 'settings';
    case 'float':
    case 'adjust':
    case 'mismatch':
    case 'confirm-entry':
    case 'books':
      return 'books';
    case 'rotate':
    case 'reconcile':
    case 'backup':
    case 'verify':
    case 'anchor':
    case 'universe':
    case 'test-run':
      return 'bot';
  }
}

function personOf(task: WorkerTask): string | undefined {
  return 'actor' in task && task.actor.startsWith('user:') ? task.actor : undefined;
}
