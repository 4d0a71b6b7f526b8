import type { Settings } from '../../domain/config/settings.js';
import { DEFAULT_SETTINGS } from '../../domain/config/settings.js';
import type { OutageRules } from '../../app/journal/engine-appender.js';
import type { AwayJournal } from '../../app/journal/journal-outage.js';
import type { EngineCommand } from '../../app/live/commands.js';

export interface OutageLimitDeps {
  readonly away: () => AwayJournal | undefined;
  /** Whether there is nothing to close. */
  readonly isFlat: () => boolean;
  readonly rules: () => OutageRules;
  readonly command: (command: EngineCommand) => Promise<unknown>;
}

/** What the settings say of an outage of the journal; the defaults before there are settings. */
export function outageRulesOf(settings: Settings | undefined): OutageRules {
  const { JOURNAL_OUTAGE_LIMIT, JOURNAL_OUTAGE_ACTION } = settings ?? DEFAULT_SETTINGS;
  return { limitSeconds: JOURNAL_OUTAGE_LIMIT, action: JOURNAL_OUTAGE_ACTION };
}

/**
 * Stops the bot when the journal was away for JOURNAL_OUTAGE_LIMIT and the settings say so (RUN-42): positions are closed in
 * order, and a user starts the bot again. With `hold`, or with nothing to close, the return of the journal is awaited; so is a
 * person who has to undo or acknowledge what others did to its streams: a stranger's event closes nothing. A journal whose events are
 * gone does not return: the bot stops after the limit, also with nothing to close.
 */
export class OutageLimit {
  /** Counted in seconds in which the process ran: a machine that stood still has not waited. */
  #seconds = 0;
  #stopped = false;

  constructor(private readonly deps: OutageLimitDeps) {}

  /** Each second. */
  tick(): void {
    const { away, isFlat, rules, command } = this.deps;
    const now = away();
    this.#seconds = now === undefined || now.waitsForPerson ? 0 : this.#seconds + 1;
    this.#stopped &&= now !== undefined;
    const { limitSeconds, action } = rules();
    if (now === undefined || this.#stopped || this.#seconds < limitSeconds || action === 'hold') return;
    // a journal that comes back finds the bot as it was; one that is lost does not come back
    if (isFlat() && !now.isLost) return;
    this.#stopped = true;
    const longer = `longer than JOURNAL_OUTAGE_LIMIT (${limitSeconds} s)`;
    const reason = now.isLost
      ? `events of the journal are gone (${now.cause}), and it has been unusable since ${now.since}, ${longer}`
      : `the journal has been away since ${now.since}, ${longer}`;
    void command({ kind: 'stop', reason, actor: 'system:watchdog' }).catch(() => undefined);
  }
}
