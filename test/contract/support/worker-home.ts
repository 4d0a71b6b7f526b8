import { FileVault } from '../../../src/adapters/vault/file-vault.js';
import { SqliteJournal } from '../../../src/adapters/journal-sqlite/sqlite-journal.js';
import type { RecordedEvent } from '../../../src/events/event.js';
import { epochMs } from '../../../src/kernel/time.js';
import type { ChildInit, WorkerTask } from '../../../src/processes/ipc/messages.js';
import { runTask } from '../../../src/processes/worker/tasks.js';
import { provisionTestHome, TEST_PARTS, TEST_VERSION, type ProvisionedHome } from '../../support/provision.js';
import { temporaryHome } from '../../unit/support/home.js';

/** Who asks for the tasks of the tests. */
export const ACTOR = 'user:u-admin';
let time = Date.parse('2026-11-20T15:00:00Z');
/** A clock that never shows a time twice. */
export const clock = { now: () => epochMs((time += 10)) };

/** The first message of main to a worker of the home. */
export function initOf(home: string, over: Partial<ChildInit> = {}): ChildInit {
  return {
    home,
    root: process.cwd(),
    versionTag: TEST_VERSION,
    identityParts: TEST_PARTS,
    timeScale: null,
    attempt: 0,
    masterKeyFile: null,
    web: null,
    commands: [],
    task: null,
    ...over,
  };
}

/** Runs a task in this process. */
export const run = (made: ProvisionedHome, task: WorkerTask, over: Partial<ChildInit> = {}): Promise<unknown> =>
  runTask(initOf(made.home, over), task, clock);
/** A save of settings. */
export const settingsTask = (changes: Readonly<Record<string, string>>): WorkerTask => ({
  task: 'save-settings',
  changes,
  actor: ACTOR,
  reason: 'by hand',
});
/** A save of a secret. */
export const secretTask = (name: string, fields: Readonly<Record<string, string>>): WorkerTask => ({
  task: 'save-secret',
  name,
  fields,
  actor: ACTOR,
});
/** The vault of the home. */
export const vaultOf = ({ base }: ProvisionedHome): FileVault =>
  new FileVault({ paths: base.storage, clock, masterKeyFile: null });

/** Opens the journal of the home for one piece of work. */
export async function withJournal<T>(
  { paths }: ProvisionedHome,
  work: (journal: SqliteJournal) => Promise<T>,
): Promise<T> {
  const journal = SqliteJournal.open({ path: paths.storage.journalDb, clock });
  try {
    return await work(journal);
  } finally {
    await journal.close();
  }
}

/** Events after the setup. */
export async function eventsOf(made: ProvisionedHome): Promise<readonly RecordedEvent[]> {
  const all = await withJournal(made, (journal) => journal.readAll({}));
  const end = all.findIndex((event) => event.type === 'BotStateChanged' && event.data.to === 'registration');
  return all.slice(end + 1);
}

/** Types of the events after the setup. */
export async function typesOf(made: ProvisionedHome): Promise<readonly string[]> {
  return (await eventsOf(made)).map(({ type }) => type);
}

/** A home that is set up. */
export const setUp = (): Promise<ProvisionedHome> => provisionTestHome(temporaryHome());

/** Lets time pass. */
export function passTime(ms: number): void {
  time += ms;
}
