import { setTimeout as pause } from 'node:timers/promises';
import { KillsMeanwhile, type KillsMeanwhileOptions } from '../../composition/kills-meanwhile.js';
import { TradeBotError } from '../../kernel/errors.js';

/** Between two attempts, each of which repeats for some seconds by itself. */
const ATTEMPT_EVERY_MS = 1_000;

export interface JournalWait extends Pick<KillsMeanwhileOptions, 'obeyKill' | 'notice'> {
  /** Resolves when main is to end. */
  readonly stopAsked: Promise<unknown>;
  /** Why the journal is not open yet; undefined when no server keeps it waiting. */
  readonly late: () => TradeBotError | undefined;
  /** After so long the first attempt is late. */
  readonly lateMs?: number;
}

/** A start that awaits `opened` when the journal is open, before it begins anything that trades. */
export type Start = (opened: () => Promise<void>) => Promise<void>;

/**
 * Starts as soon as the server of the journal answers: after a restart of the machine it may come up later than the bot, and a service
 * that ended would not be started again. Kills are obeyed meanwhile, also while a server that is frozen keeps the first attempt waiting.
 * False when it was asked to stop before.
 */
export async function startWhenReachable(start: Start, wait: JournalWait): Promise<boolean> {
  const stopped = new AbortController();
  void wait.stopAsked.then(() => stopped.abort());
  const { obeyKill, notice } = wait;
  const onAway = ({ message, code, remedy }: TradeBotError): void =>
    notice(`${message} (${code}). ${remedy} The bot starts as soon as the server answers.`);
  const kills = new KillsMeanwhile({ obeyKill, notice, onAway });
  kills.beginWhenLate(wait.late, wait.lateMs);
  try {
    for (;;) {
      const error = await unreachable(start(() => kills.end()));
      if (error === undefined) return true;
      kills.begin(error);
      await pause(ATTEMPT_EVERY_MS, undefined, { signal: stopped.signal }).catch(() => undefined);
      if (stopped.signal.aborted) return false;
    }
  } finally {
    await kills.end();
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
