import type { BookTask, BookTaskResult } from '../../app/book-tasks/book-task.js';
import { invariant } from '../../kernel/errors.js';
import type { CliContext, GlobalFlags } from './context.js';
import { operate } from './running-bot.js';

type Facts = NonNullable<BookTaskResult['facts']>;

/** A task of the books: done `here` with the lock of a free home, or asked of the bot that runs in it. */
export interface BookOperation<F> {
  readonly task: BookTask;
  readonly here: () => Promise<F>;
}

/** What the command shows of the task, done here or by the bot. Throws as `operate` does. */
export async function askBooks<F extends Facts>(
  context: CliContext,
  flags: GlobalFlags,
  { task, here }: BookOperation<F>,
): Promise<F> {
  const { facts } = await operate<{ readonly facts?: F }>(context, flags, {
    request: { ask: 'books', request: task },
    here: async () => ({ facts: await here() }),
  });
  invariant(facts !== undefined, 'NO_FACTS', `the running bot did "${task.kind}" and reported nothing of it`);
  return facts;
}
