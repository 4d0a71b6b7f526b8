import type { BookTask } from '../../../app/book-tasks/book-task.js';
import type { Principal } from '../../../app/access/principal.js';
import { actorName } from '../control/user-names.js';
import type { BookTaskState } from '../../ipc/messages.js';
import { notFound } from '../common/problem.js';
import type { WebContext } from '../web-context.js';
import type { BookTaskAnswer } from './books.dto.js';

/** Main does the work and journals it; the answer comes when it was begun, not when it is done. */
export async function beginTask(context: WebContext, task: BookTask, me: Principal): Promise<BookTaskAnswer> {
  return taskAnswer(context, await context.ask<BookTaskState>({ ask: 'book-task', task, actor: me.actor }));
}

/** The newest tasks, the newest first. */
export async function newestTasks(context: WebContext): Promise<readonly BookTaskAnswer[]> {
  const states = await context.ask<readonly BookTaskState[]>({ ask: 'book-tasks' });
  return states.map((state) => taskAnswer(context, state));
}

/** Throws a Problem 404 for a task that is not among the newest. */
export async function taskOf(context: WebContext, id: string): Promise<BookTaskAnswer> {
  const found = (await newestTasks(context)).find(({ taskId }) => taskId === id);
  if (found !== undefined) return found;
  throw notFound('such task', 'GET /api/books/tasks lists the newest ones; the journal has all of them.');
}

function taskAnswer(context: WebContext, state: BookTaskState): BookTaskAnswer {
  const { taskId, kind, subject, actor, startedAt, progress, ended } = state;
  return {
    ...{ taskId, kind, subject, startedAt, progress, state: state.state },
    byName: actorName(context, actor),
    endedAt: ended?.at ?? null,
    code: ended?.code ?? null,
    summary: ended?.summary ?? null,
    findings: ended?.findings ?? [],
    file: ended?.file ?? null,
  };
}
