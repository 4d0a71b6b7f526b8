import { statSync } from 'node:fs';
import { backUpJournal, backUpServerJournal, type Backup } from '../adapters/backup/back-up.js';
import type { BackupManifest } from '../adapters/backup/manifest.js';
import type { HomePaths } from '../domain/home/home-paths.js';
import type { BotIdentity } from '../kernel/identity.js';
import type { Journal, StreamFinding, VerifyResult } from '../ports/journal.js';

export interface CopyHomeJournalOptions {
  readonly paths: HomePaths;
  readonly identity: BotIdentity;
  readonly journal: Journal;
  /** Absolute; created when missing. */
  readonly folder: string;
  readonly pid: number;
  /** Done, and in all; the total of a server is what is done. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Findings after which a copy does not have everything that was written, or not only what we wrote. */
const HARM: readonly StreamFinding['kind'][] = ['cut', 'restricted', 'deleted', 'lost', 'blocked'];

/**
 * A verified backup of the journal of a home with its recordings of market data: of a file page by page, of a server event by event,
 * marked with what others did to its streams. Throws what `backUpJournal` and the journal throw.
 */
export async function copyHomeJournal(options: CopyHomeJournalOptions): Promise<Backup> {
  const { paths, identity, journal, folder, pid, onProgress } = options;
  const into = { folder, pid, market: paths };
  if (journal.file !== undefined) {
    return backUpJournal({
      ...{ ...into, journal: paths.storage.journalDb },
      ...(onProgress === undefined ? {} : { onProgress }),
    });
  }
  // a last event that was changed is no event of ours any more: without the verification its absence would not show
  const findings = damageOf(await journal.verify());
  return backUpServerJournal({
    ...{ ...into, journal, identity, findings },
    ...(onProgress === undefined ? {} : { onProgress: (done: number) => onProgress(done, done) }),
  });
}

function damageOf(result: VerifyResult): readonly string[] {
  const { findings = [] } = result;
  const harm = findings.filter(({ kind }) => HARM.includes(kind)).map(({ message }) => message);
  return [...new Set([...(result.ok ? [] : [result.message]), ...harm])];
}

/** What a backup does not have, a sentence without its end for each. */
export function lacksOf(
  { recordings, findings = [] }: Omit<BackupManifest, 'name'>,
  paths: HomePaths,
): readonly string[] {
  const missing = recordings?.missing ?? [];
  const waiting = waitingBytes(paths);
  return [
    ...findings.map((finding) => `made from a damaged journal, without what is gone or not ours: ${finding}`),
    ...(missing.length === 0
      ? []
      : [`without the recorded market data of ${missing.join(', ')}: ${paths.home} does not have it`]),
    ...(waiting === 0
      ? []
      : [
          `without ${waiting} bytes in ${paths.storage.outageSpool}: they go to the journal when it is back; make a backup again then`,
        ]),
  ];
}

function waitingBytes({ storage }: HomePaths): number {
  return statSync(storage.outageSpool, { throwIfNoEntry: false })?.size ?? 0;
}
