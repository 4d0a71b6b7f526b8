import { SteadyClock } from '../../adapters/clock/steady-clock.js';
import { FileVault } from '../../adapters/vault/file-vault.js';
import { bootstrap } from '../../app/provisioning/bootstrap.js';
import { loadSettings } from '../../app/settings/load-settings.js';
import { journalVault } from '../../app/settings/journal-vault.js';
import { destroyEarlier, rotateKeys, saveSecret, saveSettings, type SaveDeps } from '../../app/settings/save.js';
import { EventAppender } from '../../app/journal/event-appender.js';
import { STREAMS } from '../../events/streams.js';
import type { Actor } from '../../events/event.js';
import { configError } from '../../kernel/errors.js';
import { basePaths, homePaths, type HomePaths } from '../../domain/home/home-paths.js';
import { composeBotIdentity, type BotIdentity } from '../../kernel/identity.js';
import type { Clock } from '../../kernel/time.js';
import type { Journal } from '../../ports/journal.js';
import type { ChildInit, WorkerTask } from '../ipc/messages.js';
import { addressIn } from '../../composition/home-journal-address.js';
import { openHomeJournal } from '../../composition/open-home-journal.js';
import { homeDatabases } from './home-databases.js';
import { notProvisioned } from './not-provisioned.js';

/**
 * What a task comes to, as main hands it on. Throws TradeBotError when it was refused or failed. Each reads what only it
 * needs: a worker does one task, and all modules take longer to read than most tasks last.
 */
export async function runTask(init: ChildInit, task: WorkerTask, clock: Clock): Promise<unknown> {
  switch (task.task) {
    case 'provision':
      return (await import('./provision-home.js')).provisionHome({
        home: init.home,
        versionTag: init.versionTag,
        masterKeyFile: init.masterKeyFile,
        form: task.form,
        actor: actorOf(task.actor),
        clock,
        machine: new SteadyClock({ anchor: init.clockAnchor }),
      });
    case 'test-run':
      return (await import('./test-run.js')).testRun(init, task, clock);
    case 'backup':
      return withHome(init, clock, async ({ paths, journal, identity }) => {
        const { backUpHome } = await import('./back-up-home.js');
        return backUpHome({ paths, journal, identity, clock });
      });
    case 'verify':
      return (await import('./verify-journal.js')).verifyJournal(init, clock);
    case 'anchor':
      if (init.identityParts === null) throw notProvisioned(init.home);
      return (await import('./anchor-home.js')).anchorWorkerHome(init, init.identityParts, clock);
    case 'universe':
      return withHome(init, clock, async ({ paths, deps }) => {
        const { buildHomeUniverse } = await import('../../composition/home-universe.js');
        const settings = loadSettings(deps.vault, deps.versionTag);
        return buildHomeUniverse({ paths, settings, ...deps, unlessPublished: task.night });
      });
    case 'float':
    case 'adjust':
    case 'mismatch':
    case 'confirm-entry':
      return (await import('./manual-entries.js')).bookManualEntry(init, task, clock);
    case 'books':
      return (await import('./book-tasks.js')).doBookTask({ ...init, clock, actor: task.actor }, task.work);
    case 'users':
      return withHome(init, clock, async ({ paths, identity, deps }) => {
        const { carryOutOnUsers } = await import('../../composition/local-users.js');
        return carryOutOnUsers({ paths, identity, ...deps }, task.request, task.actor);
      });
    case 'reconcile':
      return withHome(init, clock, ({ deps }) => wrapKeys(deps));
    case 'inverse-etfs':
      return withHome(init, clock, async ({ deps }) => {
        const { changeInverseEtfs } = await import('../../app/settings/inverse-etfs.js');
        return changeInverseEtfs(deps.appender, task.request, task.actor);
      });
    case 'save-settings':
      return withHome(init, clock, ({ deps }) => saveSettings(deps, task, by(task.actor, task.reason)));
    case 'save-secret':
      return withHome(init, clock, ({ deps }) =>
        saveSecret(deps, task.name, task.fields, by(task.actor, `${task.name} changed`)),
      );
    case 'rotate':
      return withHome(init, clock, ({ deps }) => rotateKeys(deps, by(task.actor, task.reason)));
    case 'destroy-earlier':
      return withHome(init, clock, ({ deps }) => destroyEarlier(deps, by(task.actor, task.reason)));
  }
}

interface ProvisionedHome {
  readonly paths: HomePaths;
  readonly identity: BotIdentity;
  readonly journal: Journal;
  readonly deps: SaveDeps;
}

/** Opens a home that is set up, first ending what a crash of an earlier worker cut off. */
async function withHome<T>(init: ChildInit, clock: Clock, work: (home: ProvisionedHome) => Promise<T>): Promise<T> {
  if (init.identityParts === null) throw notProvisioned(init.home);
  const identity = composeBotIdentity(init.identityParts);
  const paths = homePaths(init.home, identity);
  const vault = new FileVault({ paths: paths.storage, clock, masterKeyFile: init.masterKeyFile });
  if (vault.generation() === undefined) throw notProvisioned(init.home);
  const journal = await openHomeJournal({ paths, identity, clock, address: addressIn(vault, paths.storage) });
  try {
    const appender = new EventAppender({ journal, clock, identity, actor: 'system:worker' });
    const deps: SaveDeps = { vault, journal, appender, clock, versionTag: init.versionTag };
    await reconcile(init, deps, identity);
    return await work({ paths, identity, journal, deps });
  } finally {
    await journal.close();
  }
}

/**
 * After a crash: half-made generations go, a set-up that died while it bootstrapped ends, and what the vault holds and
 * the journal does not have is recorded. A set-up that died before ProvisioningCompleted needs its form again.
 */
async function reconcile(init: ChildInit, deps: SaveDeps, identity: BotIdentity): Promise<void> {
  const { journal, vault, clock, versionTag } = deps;
  const setup = await journal.readStream(STREAMS.provisioning);
  if (!setup.some(({ type }) => type === 'ProvisioningCompleted')) throw notProvisioned(init.home);
  vault.tidy();
  await bootstrap({
    journal,
    identity,
    vault,
    clock,
    versionTag,
    databases: homeDatabases(basePaths(init.home).storage),
    actor: 'system:worker',
    onProgress: () => undefined,
  });
  await journalVault(deps, {
    actor: 'system:worker',
    reason: 'found changed: a save was interrupted before it was recorded',
  });
}

/** SEC-4: a master key that is new, or has a new first line, wraps all keys at the start; every other rotation does so too. */
async function wrapKeys(deps: SaveDeps): Promise<{ readonly generation: number }> {
  if (deps.vault.wrapKeys()) {
    await journalVault(deps, { actor: 'system:worker', reason: 'the master key wraps all keys' });
  }
  return { generation: deps.vault.generation() ?? 0 };
}

function by(actor: string, reason: string): { readonly actor: Actor; readonly reason: string } {
  return { actor: actorOf(actor), reason };
}

function actorOf(text: string): Actor {
  if (/^(user|system):[A-Za-z0-9._:-]{1,80}$/.test(text)) return text as Actor;
  throw configError({
    code: 'BAD_ACTOR',
    message: `"${text.slice(0, 40)}" is nobody who may ask for a task`,
    remedy: 'Write user:<id> or system:<module>.',
  });
}
