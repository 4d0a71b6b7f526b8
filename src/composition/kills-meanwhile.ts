import { setTimeout as pause } from 'node:timers/promises';
import { RunningTimer } from '../adapters/clock/running-timer.js';
import { isEmbedded, type JournalAddress } from '../domain/config/journal-address.js';
import { journalError, type TradeBotError } from '../kernel/errors.js';
import { journalLocation } from './open-journal.js';

/** A journal on a server that is not open after so long is taken for away: a frozen server accepts calls and answers none. */
const OPENING_LATE_MS = 5_000;
const LOOK_EVERY_MS = 1_000;
/** What a kill left open is tried again so many looks later. */
const LOOKS_PER_KILL = 10;

export interface KillsMeanwhileOptions {
  /** Obeys a kill with the broker alone; resolves to a line for people, undefined when there is no kill. */
  readonly obeyKill: (error: unknown) => Promise<string | undefined>;
  readonly notice: (line: string) => void;
  /** Called once, when the journal is first found away. */
  readonly onAway?: (error: TradeBotError) => void;
}

/**
 * Obeys kills with the broker alone while a journal is not open. Who opens it calls `end` before anything is made of it: a kill that is
 * being obeyed has its side file complete then, and two processes never trade the same positions.
 */
export class KillsMeanwhile {
  #ended: AbortController | undefined;
  #obeying: Promise<void> = Promise.resolve();
  #late: RunningTimer | undefined;
  #said = false;

  constructor(private readonly options: KillsMeanwhileOptions) {}

  /** Begins when the opening lasts too long and `late` says why. */
  beginWhenLate(late: () => TradeBotError | undefined, withinMs = OPENING_LATE_MS): void {
    this.#late = new RunningTimer(withinMs, () => {
      const error = late();
      if (error !== undefined) this.begin(error);
    });
  }

  /** Looks for kills from now on; nothing when it does already. */
  begin(error: TradeBotError): void {
    this.#late?.cancel();
    if (!this.#said) this.options.onAway?.(error);
    this.#said = true;
    if (this.#ended !== undefined) return;
    this.#ended = new AbortController();
    this.#obeying = this.#obey(error, this.#ended.signal);
  }

  /** Resolves when no kill is being obeyed any more. */
  async end(): Promise<void> {
    this.#late?.cancel();
    this.#ended?.abort();
    await this.#obeying;
    this.#ended = undefined;
  }

  async #obey(error: TradeBotError, ended: AbortSignal): Promise<void> {
    const { obeyKill, notice } = this.options;
    for (let looks = 0; !ended.aborted; looks = Math.max(0, looks - 1)) {
      if (looks === 0) {
        const done = await obeyKill(error).catch((failed: unknown) => `a kill failed: ${String(failed)}`);
        if (done !== undefined) notice(done);
        looks = done === undefined ? 1 : LOOKS_PER_KILL;
      }
      await pause(LOOK_EVERY_MS, undefined, { signal: ended }).catch(() => undefined);
    }
  }
}

/** Why a journal is not open when its opening is late; undefined for one in the home, which no server keeps waiting. */
export function lateOpening(address: JournalAddress, journalDb: string): TradeBotError | undefined {
  if (isEmbedded(address)) return undefined;
  return journalError('retry', {
    code: 'JOURNAL_UNREACHABLE',
    message: `the journal at ${journalLocation(address, journalDb)} is not open yet: its server does not answer, or answers slowly`,
    remedy: 'Look at the server; tradebot journal check says what is wrong with it.',
  });
}
