import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { parseRequestId } from '../../app/manual-entries/manual-entry.js';
import { TradeBotError } from '../../kernel/errors.js';

/** For commands that book something: asked again with the same id, it is booked once. */
export function takesRequestId(command: Command): Command {
  return command.option('--request <id>', 'id of an earlier call whose outcome is not known: it is never booked twice');
}

/** Runs `work` with the id that was given, or a new one; an unknown outcome names it. Throws what `work` throws. */
export async function withRequestId<T>(given: string | undefined, work: (id: string) => Promise<T>): Promise<T> {
  const id = given === undefined ? randomUUID() : parseRequestId(given);
  try {
    return await work(id);
  } catch (error) {
    if (!(error instanceof TradeBotError) || !UNKNOWN.includes(error.code)) throw error;
    const { kind, callerMust, code, message, details } = error;
    const remedy = `It may have been booked. Repeat the command with --request ${id}: it is booked once, then or now.`;
    throw new TradeBotError(kind, callerMust, {
      code,
      message,
      remedy,
      details: { ...details, request: id },
      cause: error,
    });
  }
}

/** After these nobody knows whether the running bot did it. */
const UNKNOWN: readonly string[] = ['BOT_OUTCOME_UNKNOWN', 'WORKER_DIED', 'WORKER_LATE'];
