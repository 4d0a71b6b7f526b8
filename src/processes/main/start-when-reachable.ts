import { setTimeout as pause } from 'node:timers/promises';
import { TradeBotError } from '../../kernel/errors.js';

/** Between two attempts, each of which repeats for some seconds by itself. */
const ATTEMPT_EVERY_MS = 1_000;
const LOOK_EVERY_MS = 1_000;
/** What a kill left open is tried again so many looks later. */
const LOOKS_PER_KILL = 10;

export interface JournalWait {
  /** Obeys a kill with the broker alone; resolves to a line for people, undefined when there is no kill. */
  readonly obeyKill: (error: unknown) => Promise<string | undefined>;
  /** Resolves when main is to end. */
  readonly stopAsked: Promise<unknown>;
  readonly notice: (line: string) => void;
}

/**
 * Starts as soon as the server of the journal answers: after a restart of the machine it may come up later than the bot, and a service
 * that ended would not be started again. Kills are obeyed meanwhile. False when it was asked to stop before.
 */
export async function startWhenReachable(start: () => Promise<void>, wait: JournalWait): Promise<boolean> {
  const stopped = new AbortController();
  void wait.stopAsked.then(() => stopped.abort());
  const first = await unreachable(start());
  if (first === undefined) return true;
  wait.notice(`${first.message} (${first.code}). ${first.remedy} The bot starts as soon as the server answers.`);
  const obeyed = new AbortController();
  const obeying = obeyKills(first, wait, obeyed.signal);
  try {
    for (;;) {
      await pause(ATTEMPT_EVERY_MS, undefined, { signal: stopped.signal }).catch(() => undefined);
      if (stopped.signal.aborted) return false;
      if ((await unreachable(start())) === undefined) return true;
    }
  } finally {
    obeyed.abort();
    await obeying;
  }
}

/** Undefined when it started; throws what no wait solves. */
async function unreachable(started: Promise<void>): Promise<TradeBotError | undefined> {
  try {
    await started;
    return undefined;
  } catch (error) {
    if (error instanceof TradeBotError && error.code === 'JOURNAL_UNREACHABLE') return error;
    throw error;
  }
}

async function obeyKills(error: TradeBotError, { obeyKill, notice }: JournalWait, ended: AbortSignal): Promise<void> {
  for (let looks = 0; !ended.aborted; looks = Math.max(0, looks - 1)) {
    if (looks === 0) {
      const done = await obeyKill(error).catch((failed: unknown) => `a kill failed: ${String(failed)}`);
      if (done !== undefined) notice(done);
      looks = done === undefined ? 1 : LOOKS_PER_KILL;
    }
    await pause(LOOK_EVERY_MS, undefined, { signal: ended }).catch(() => undefined);
  }
}
