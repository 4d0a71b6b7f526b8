import { isEmbedded, type JournalAddress } from '../../domain/config/journal-address.js';
import { failureIn, takenSentence, type JournalChecked } from '../../domain/journal-check/findings.js';
import type { RecordedEvent } from '../../events/event.js';
import { STREAMS } from '../../events/streams.js';
import { configError, type TradeBotError } from '../../kernel/errors.js';
import type { BotIdentity } from '../../kernel/identity.js';
import { secret } from '../../kernel/secret.js';
import type { Journal } from '../../ports/journal.js';
import type { HomeMaker } from '../../ports/provisioning.js';
import type { Vault } from '../../ports/vault.js';

/** Looks at the server that a new bot shall use. */
export type CheckServer = (address: JournalAddress, identity: BotIdentity) => Promise<JournalChecked>;

export interface ServerSetup {
  readonly address: JournalAddress;
  readonly identity: BotIdentity;
}

interface Deps {
  readonly home: Pick<HomeMaker, 'openJournal'>;
  readonly vault: Pick<Vault, 'generation' | 'digestOf'>;
  readonly checkServer: CheckServer;
}

const FILE_CORRELATION = 'provisioning';

/**
 * The correlation id of this set-up. On a server it is made with the digest key of the vault, which no other home has: so a
 * set-up that was cut off recognizes its own events there, and never joins those of another home.
 */
export function setupCorrelation({ vault }: Pick<Deps, 'vault'>, address: JournalAddress): string {
  if (isEmbedded(address)) return FILE_CORRELATION;
  return `${FILE_CORRELATION}-${vault.digestOf(secret('set-up')).slice(0, 32)}`;
}

/**
 * Throws ConfigError JOURNAL_CHECK_FAILED for a server that a bot could not run with, and JOURNAL_IDENTITY_TAKEN for one that
 * has events of the bot which this set-up did not write. Nothing of the form has been stored by then.
 */
export async function refuseUnfitServer(deps: Deps, setup: ServerSetup): Promise<void> {
  const { findings, found } = await deps.checkServer(setup.address, setup.identity);
  const failure = failureIn(findings);
  if (failure === undefined) return;
  const taken = failure.name === 'identity' && found !== undefined;
  if (taken && (await isOurs(deps, setup))) return;
  throw configError({
    code: taken ? 'JOURNAL_IDENTITY_TAKEN' : 'JOURNAL_CHECK_FAILED',
    message: failure.text,
    remedy: failure.remedy,
    details: { finding: failure.name },
  });
}

async function isOurs(deps: Deps, { address, identity }: ServerSetup): Promise<boolean> {
  if (deps.vault.generation() === undefined) return false;
  const journal = await deps.home.openJournal(address, identity);
  try {
    const first = await firstOf(journal);
    return first?.meta.correlationId === setupCorrelation(deps, address);
  } finally {
    await journal.close();
  }
}

async function firstOf(journal: Journal): Promise<RecordedEvent | undefined> {
  const [first] = await journal.readStream(STREAMS.provisioning, { limit: 1 });
  return first;
}

/**
 * Throws JOURNAL_IDENTITY_TAKEN when another set-up was first: two homes may have looked at the server before either wrote
 * to it. `last` is the end of the stream that the caller is about to write to.
 */
export async function refuseOtherSetup(
  journal: Journal,
  last: RecordedEvent | undefined,
  correlation: string,
  { address, identity }: ServerSetup,
): Promise<void> {
  if (isEmbedded(address) || last === undefined) return;
  const first = await firstOf(journal);
  if (first === undefined || first.meta.correlationId === correlation) return;
  throw takenBy(first, last, { address, identity });
}

function takenBy(first: RecordedEvent, last: RecordedEvent, { address, identity }: ServerSetup): TradeBotError {
  const found = { since: first.recordedAt, last: last.recordedAt, lastType: last.type, lastStream: last.stream };
  const { text, remedy } = takenSentence(address.url, identity, found);
  return configError({ code: 'JOURNAL_IDENTITY_TAKEN', message: text, remedy, details: { finding: 'identity' } });
}
