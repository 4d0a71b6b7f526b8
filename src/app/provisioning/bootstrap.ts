import type { Actor, EventType, StreamName } from '../../events/event.js';
import type { BotIdentity } from '../../kernel/identity.js';
import type { Clock } from '../../kernel/time.js';
import type { Journal } from '../../ports/journal.js';
import type { HomeDatabase } from '../../ports/provisioning.js';
import type { Vault } from '../../ports/vault.js';
import type { Draft } from '../../events/draft.js';
import { STREAMS } from '../../events/streams.js';
import { EventAppender } from '../journal/event-appender.js';
import { journalVault } from '../settings/journal-vault.js';
import { loadSettings } from '../settings/load-settings.js';
import { FIRST_CHART, FIRST_MAPPING } from './first-chart.js';

export interface BootstrapDeps {
  readonly journal: Journal;
  readonly identity: BotIdentity;
  readonly vault: Vault;
  readonly databases: readonly HomeDatabase[];
  readonly clock: Clock;
  readonly actor: Actor;
  readonly versionTag: string;
  readonly onProgress: (step: string, percent: number, text: string) => void;
}

/**
 * From `provisioning` to `registration`: databases with their schemas, chart of accounts, first settings. Needs nothing
 * of the form, so it also completes a set-up that crashed after ProvisioningCompleted; finished steps are skipped.
 */
export async function bootstrap(deps: BootstrapDeps): Promise<void> {
  const { journal, clock, identity, actor } = deps;
  const appender = new EventAppender({ journal, clock, identity, actor });
  if ((await appender.botState()) === 'provisioning') {
    await appender.changeBotState('bootstrapping', 'keys, secrets and settings are in place');
  }
  deps.onProgress('bootstrapping', 65, 'chart of accounts, accounts and databases');
  if ((await appender.botState()) !== 'bootstrapping') return;
  for (const database of deps.databases) database.make();
  deps.onProgress('databases', 75, `${deps.databases.length} databases`);
  await first(appender, journal, STREAMS.accounting, FIRST_CHART);
  await first(appender, journal, STREAMS.accounting, FIRST_MAPPING);
  deps.onProgress('chart', 85, 'chart of accounts and mapping');
  loadSettings(deps.vault, deps.versionTag);
  await journalVault({ vault: deps.vault, journal, appender, clock }, { actor, reason: 'first settings' });
  deps.onProgress('settings', 95, 'settings are journaled');
  await appender.changeBotState('registration', 'the first administrator registers');
  deps.onProgress('registration', 99, 'waiting for the first administrator');
}

/** Writes the event unless one of its type exists. */
async function first(appender: EventAppender, journal: Journal, stream: StreamName, draft: Draft): Promise<void> {
  await appender.decide(stream, async () => ((await has(journal, stream, draft.type)) ? [] : [draft]));
}

async function has(journal: Journal, stream: StreamName, type: EventType): Promise<boolean> {
  return (await journal.readStream(stream)).some((event) => event.type === type);
}
