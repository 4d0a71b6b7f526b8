import { setTimeout as pause } from 'node:timers/promises';
import { homeHolder } from '../../adapters/home/home-lock.js';
import { askLocal } from '../../adapters/local-socket/local-client.js';
import { configError, TradeBotError } from '../../kernel/errors.js';
import type { HomePaths } from '../../domain/home/home-paths.js';
import type { LocalRequest } from '../ipc/local-request.js';
import type { Answer } from '../ipc/messages.js';
import { errorFrom } from '../ipc/plain-error.js';
import { existingHome, type CliContext, type GlobalFlags } from './context.js';

/** What a command does: `here` with the lock of a free home, or `request` by the bot that runs in it. Both come to the same. */
export interface Operation<T> {
  readonly request: LocalRequest;
  readonly here: () => Promise<T>;
}

/** A bot that starts or ends listens no longer than this. */
const NOBODY_LISTENS_MS = 45_000;
const LOOK_MS = 200;
/** The tasks of a running bot are bounded by main; the longest takes an hour. */
const ANSWER_WITHIN_MS = 3_900_000;

/**
 * The one place where a command that writes meets a running bot: with a free home it does its work itself, else main does it.
 * Throws what `here` throws and what main answers with; BOT_NOT_REACHABLE; BOT_SILENT, BOT_OUTCOME_UNKNOWN of the socket.
 */
export async function operate<T>(context: CliContext, flags: GlobalFlags, operation: Operation<T>): Promise<T> {
  const { paths } = existingHome(context, flags);
  for (let waited = 0; ; waited += LOOK_MS) {
    try {
      return await operation.here();
    } catch (error) {
      if (!isHeldByBot(error, paths)) throw error;
    }
    const said = await askLocal({
      ...{ paths: paths.localSocket, request: operation.request, withinMs: ANSWER_WITHIN_MS },
    });
    if (said !== undefined) return valueOf<T>(said.answer as Answer<T>);
    if (waited >= NOBODY_LISTENS_MS) throw notReachable(paths);
    await pause(LOOK_MS);
  }
}

function valueOf<T>(answer: Answer<T>): T {
  if (answer.ok) return answer.value;
  throw errorFrom(answer.error);
}

/** An engine without main holds the home, too, and answers no command. */
function isHeldByBot(error: unknown, paths: HomePaths): boolean {
  if (!(error instanceof TradeBotError) || error.code !== 'HOME_IN_USE') return false;
  return error.details['orphan'] !== true && homeHolder(paths)?.command === 'run';
}

function notReachable(paths: HomePaths): TradeBotError {
  const pid = homeHolder(paths)?.pid;
  return configError({
    code: 'BOT_NOT_REACHABLE',
    message: `a bot runs in ${paths.home}${pid === undefined ? '' : ` (process ${pid})`}, and nobody listens on ${paths.localSocket.file}`,
    remedy:
      'Nothing was done. See the warnings of tradebot status for the cause; ending and starting the bot makes the socket again.',
  });
}
