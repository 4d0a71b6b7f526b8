import { journalError, type TradeBotError } from '../../kernel/errors.js';
import type { DamageCode, Journal, JournalHead, VerifyResult } from '../../ports/journal.js';

/**
 * Where the last verification of a journal ended, kept between processes. It proves nothing by itself: a verification
 * continues there only when the journal has that event with that hash.
 */
export interface VerifiedMark {
  /** Undefined when there is none, or none that can be read. */
  read(): JournalHead | undefined;
  keep(head: JournalHead): void;
  forget(): void;
}

/** Events up to which a journal is verified whole by every process that opens it: well below a second. */
const SHORT_UP_TO = 20_000;

export interface ChainVerifierOptions {
  readonly journal: Pick<Journal, 'head' | 'verify'>;
  readonly mark: VerifiedMark;
  /** Default 20,000 events. */
  readonly shortUpTo?: number;
}

/**
 * Verifies the hash chain before anything is made from the journal or appended to it (JRN-30). Both calls throw
 * JournalError `JOURNAL_CORRUPT` (stop) with the first position that does not fit; the next process then verifies all of it.
 */
export class ChainVerifier {
  /** As far as this process has verified. */
  #verified: JournalHead | undefined;

  constructor(private readonly options: ChainVerifierOptions) {}

  /** What this process has not verified yet: what follows the mark, or the whole of a short journal. */
  async verifyNews(): Promise<void> {
    const { journal, mark, shortUpTo = SHORT_UP_TO } = this.options;
    const short = ((await journal.head())?.count ?? 0) <= shortUpTo;
    await this.#verify(this.#verified ?? (short ? undefined : mark.read()));
  }

  /** From the first event on, whatever was verified before. */
  async verifyWhole(onProgress?: (checked: number, total: number) => void): Promise<void> {
    await this.#verify(undefined, onProgress);
  }

  async #verify(since: JournalHead | undefined, onProgress?: (checked: number, total: number) => void): Promise<void> {
    const { journal, mark, shortUpTo = SHORT_UP_TO } = this.options;
    // read first: the verification covers at least this head
    const head = await journal.head();
    const found = await journal.verify(onProgress, since);
    if (!found.ok) {
      this.#verified = undefined;
      mark.forget();
      // Foreign events at the end of a stream stop the writing of that stream only: the books continue from ours.
      if (found.code === 'FOREIGN_EVENTS') return;
      throw brokenChain(found);
    }
    this.#verified = head;
    if (head !== undefined && head.count > shortUpTo && head.hash !== since?.hash) mark.keep(head);
  }
}

/** Whether an error, of this process or reported by another one, says that the journal itself is damaged or not the one of its home. */
export function isJournalDamage(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('code' in error)) return false;
  return typeof error.code === 'string' && JOURNAL_DAMAGE.includes(error.code);
}

const JOURNAL_DAMAGE: readonly string[] = [
  'JOURNAL_CORRUPT',
  'JOURNAL_CUT',
  'JOURNAL_REWRITTEN',
  'JOURNAL_EMPTIED',
  'JOURNAL_GONE',
  'JOURNAL_STREAM_DELETED',
  'JOURNAL_EVENTS_LOST',
];

function brokenChain({ position, code, message, remedy }: Extract<VerifyResult, { ok: false }>): TradeBotError {
  return journalError('stop', {
    code: ERRORS[code] ?? 'JOURNAL_CORRUPT',
    message: `the journal is damaged at position ${position}: ${message} (${code})`,
    remedy:
      remedy ??
      'Keep the file, and restore the last good backup (tradebot restore FILE). Nothing was made from it; verify shows the same.',
    details: { position, fault: code },
  });
}

/** What a person can undo has an error of its own. */
const ERRORS: Partial<Record<DamageCode, string>> = {
  STREAM_CUT: 'JOURNAL_STREAM_CUT',
  STREAM_DELETED: 'JOURNAL_STREAM_DELETED',
};
