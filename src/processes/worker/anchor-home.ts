import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { EventAppender } from '../../app/journal/event-appender.js';
import { anchorHome } from '../../composition/seal-anchor.js';
import { homeJournalAddress } from '../../composition/home-journal-address.js';
import { openHomeJournal } from '../../composition/open-home-journal.js';
import { homePaths, type HomePaths } from '../../domain/home/home-paths.js';
import { composeBotIdentity, type BotIdentityParts } from '../../kernel/identity.js';
import type { Clock } from '../../kernel/time.js';
import type { Journal } from '../../ports/journal.js';
import type { ChildInit } from '../ipc/messages.js';

const PROJECTED_WITHIN_MS = 30_000;
const PAUSE_MS = 200;

/** Copies the seals of a home to its anchor directory; a seal that the projector has not written yet is waited for. */
export async function anchorWorkerHome(
  { home, masterKeyFile }: Pick<ChildInit, 'home' | 'masterKeyFile'>,
  parts: BotIdentityParts,
  clock: Clock,
): Promise<object> {
  const identity = composeBotIdentity(parts);
  const paths = homePaths(home, identity);
  const address = homeJournalAddress({ storage: paths.storage, clock, masterKeyFile });
  const journal = await openHomeJournal({ paths, identity, clock, address });
  try {
    await newestSealIsWritten(paths, journal);
    const appender = new EventAppender({ journal, clock, identity, actor: 'system:worker' });
    return { anchored: (await anchorHome({ paths, identity, journal, appender }))?.type ?? null };
  } finally {
    await journal.close();
  }
}

async function newestSealIsWritten(paths: HomePaths, journal: Pick<Journal, 'readAll'>): Promise<void> {
  const [last] = await journal.readAll({ direction: 'backwards', limit: 1, filter: { types: ['JournalSealed'] } });
  if (last?.type !== 'JournalSealed') return;
  const file = paths.sealFile(last.data.sealId);
  for (let waited = 0; !existsSync(file) && waited < PROJECTED_WITHIN_MS; waited += PAUSE_MS) await pause(PAUSE_MS);
}
