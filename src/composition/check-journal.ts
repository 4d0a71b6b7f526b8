import type { JournalAddress } from '../domain/config/journal-address.js';
import { isEmbedded } from '../domain/config/journal-address.js';
import {
  failureIn,
  findingsOf,
  unusableAddress,
  type Belonging,
  type JournalChecked,
} from '../domain/journal-check/findings.js';
import { TradeBotError } from '../kernel/errors.js';
import type { BotIdentity } from '../kernel/identity.js';
import type { Clock } from '../kernel/time.js';

export interface CheckJournalOptions {
  readonly address: JournalAddress;
  readonly identity: BotIdentity;
  readonly belonging: Belonging;
  readonly clock: Clock;
  /** How long each step may take without an answer. */
  readonly limitMs?: number;
}

/**
 * Looks at the server that an address names, and says what was found (JRN-6). No findings for a journal in a file of the
 * home. The client of EventStoreDB is loaded only when needed. Never throws for what is wrong with address or server.
 */
export async function checkJournal(options: CheckJournalOptions): Promise<JournalChecked> {
  if (isEmbedded(options.address)) return { ok: true, findings: [] };
  const { lookAtJournal } = await import('../adapters/journal-check/journal-check.js');
  try {
    const facts = await lookAtJournal(options);
    const findings = findingsOf(facts, options.belonging);
    return { ok: failureIn(findings) === undefined, findings, found: facts.found };
  } catch (error) {
    if (!(error instanceof TradeBotError)) throw error;
    return { ok: false, findings: unusableAddress({ text: error.message, remedy: error.remedy }) };
  }
}
