import { isJournalDamage } from '../../app/audit/verified-chain.js';
import { dataError, type TradeBotError } from '../../kernel/errors.js';
import { isJournalLost, type JournalFile, type LostJournalFile } from '../../ports/journal.js';
import type { Answer, PlainError, VerifiedJournal } from '../ipc/messages.js';
import { plainErrorOf } from '../ipc/plain-error.js';

export interface JournalGuardDeps {
  /** True once there is a journal, in a file or on a server. */
  readonly isOpen: () => boolean;
  /** The open journal's file; undefined for one on a server and before there is one. */
  readonly file: () => JournalFile | undefined;
  /** What was done to the streams of a journal on a server and cannot be undone; undefined when nothing was. */
  readonly harm?: () => TradeBotError | undefined;
  /** Whether the engine that runs knows that the journal cannot be used: it holds entries, and manages what is open. */
  readonly isHeld: () => boolean;
  /** Verifies the whole chain in a worker; its value is a VerifiedJournal. */
  readonly verify: () => Promise<Answer>;
  /** Closes everything and ends the bot in `error` with this cause. */
  readonly halt: (cause: string) => void;
  /** Critical: for the log and the person at the terminal. */
  readonly report: (text: string) => void;
}

/** Seconds after the start until the first verification: the start itself comes first. */
const FIRST_VERIFICATION_S = 30;
/** Seconds until a verification that could not be carried out is tried again. */
const VERIFY_AGAIN_S = 3_600;
const HOUR_S = 3_600;
/** Seconds in which an engine has to find out by itself that events are gone. */
const HELD_WITHIN_S = 10;
/** Seconds between attempts to save a lost journal. */
const SAVE_AGAIN_S = 10;

/**
 * Whether the journal can be trusted while main runs (JRN-30): each second whether the open one is the file at its path, and
 * on a schedule whether its whole chain is intact. When not, entries are halted, positions closed, the events saved, and
 * the bot does not start again before main does. When events are gone from a server, an engine that runs still has the
 * positions: it manages them, and JOURNAL_OUTAGE_ACTION decides about them (RUN-42).
 */
export class JournalGuard {
  #cause: string | undefined;
  #lost: LostJournalFile | undefined;
  #savedIn: string | undefined;
  #saving: Promise<void> | undefined;
  #secondsToSave = 0;
  #secondsToVerify = FIRST_VERIFICATION_S;
  #verifying = false;
  #verified: VerifiedJournal['upTo'] = null;
  /** Seconds until everything is closed for events that are gone; undefined while none are, or after that. */
  #secondsToHalt: number | undefined;

  constructor(private readonly deps: JournalGuardDeps) {}

  /** Why nothing may be traded on or made from this journal; undefined while it is trusted. */
  get refusal(): PlainError | undefined {
    if (this.#cause === undefined) return undefined;
    return plainErrorOf(
      dataError({
        code: 'JOURNAL_NOT_TRUSTED',
        message: this.#cause,
        remedy: 'Stop TradeBot, bring the journal back as the reason says, then start again.',
      }),
    );
  }

  /** How far the last verification of the whole journal came, and when; null before the first. */
  get verified(): VerifiedJournal['upTo'] {
    return this.#verified;
  }

  /** Each second. */
  tick(): void {
    const lost = this.#lost === undefined ? this.deps.file()?.look() : undefined;
    if (lost !== undefined) this.#lose(lost);
    const harm = this.deps.harm?.();
    if (harm !== undefined) this.found(plainErrorOf(harm));
    if (this.#lost !== undefined && this.#savedIn === undefined) {
      this.#secondsToSave -= 1;
      if (this.#secondsToSave < 0) void this.save();
    }
    this.#haltUnlessHeld();
    if (this.#cause !== undefined || !this.deps.isOpen() || this.#verifying) return;
    this.#secondsToVerify -= 1;
    if (this.#secondsToVerify <= 0) void this.#verify();
  }

  /** A process reported this fault; one that is no damage of the journal says nothing about it. */
  found(error: PlainError | undefined): void {
    if (error === undefined || !isJournalDamage(error) || this.#cause !== undefined) return;
    this.#cause = `${error.message} (${error.code}). ${error.remedy}`;
    this.deps.report(this.#cause);
    if (isJournalLost(error)) this.#secondsToHalt = HELD_WITHIN_S;
    else this.deps.halt(this.#cause);
  }

  /** An engine that does not hold entries by itself is ordered to close, and so is one that replaces it. */
  #haltUnlessHeld(): void {
    if (this.#secondsToHalt === undefined || this.#cause === undefined) return;
    this.#secondsToHalt = this.deps.isHeld() ? HELD_WITHIN_S : this.#secondsToHalt - 1;
    if (this.#secondsToHalt > 0) return;
    this.#secondsToHalt = undefined;
    this.deps.halt(this.#cause);
  }

  /** Saves a lost journal once more, with what was recorded since; does nothing while the journal is where it was. */
  async save(): Promise<void> {
    const lost = this.#lost;
    if (lost?.movedTo !== null) return;
    // one after the other: the second has what the first one missed
    await this.#saving;
    this.#saving = this.#save(lost);
    await this.#saving;
  }

  #lose(lost: LostJournalFile): void {
    this.#lost = lost;
    const where = lost.movedTo === null ? '' : `. The whole journal is in ${lost.movedTo}: move the folder back`;
    this.#cause = `the journal is lost: ${lost.message}${where}`;
    this.deps.report(this.#cause);
    this.deps.halt(this.#cause);
    if (lost.movedTo !== null) this.#savedIn = lost.movedTo;
  }

  async #save(lost: LostJournalFile): Promise<void> {
    this.#secondsToSave = SAVE_AGAIN_S;
    try {
      const saved = await this.deps.file()?.saveAside();
      if (saved === undefined || saved.path === this.#savedIn) return;
      this.#savedIn = saved.path;
      this.#cause = `the journal is lost: ${lost.message}. Its ${saved.count} events are saved: tradebot restore ${saved.path}`;
      this.deps.report(this.#cause);
      this.deps.halt(this.#cause);
    } catch (error) {
      const { message, remedy } = plainErrorOf(error);
      this.deps.report(`${message}. ${remedy}`);
    }
  }

  async #verify(): Promise<void> {
    this.#verifying = true;
    try {
      const answer = await this.deps.verify();
      if (!answer.ok) this.found(answer.error);
      const { everyHours, upTo }: Partial<VerifiedJournal> = answer.ok ? (answer.value as VerifiedJournal) : {};
      const hours = Number(everyHours);
      this.#secondsToVerify = hours > 0 ? hours * HOUR_S : VERIFY_AGAIN_S;
      this.#verified = upTo ?? this.#verified;
    } finally {
      this.#verifying = false;
    }
  }
}
