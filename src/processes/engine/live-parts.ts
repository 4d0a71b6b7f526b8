import { SqliteSimStore } from '../../adapters/broker-sim/sqlite-store.js';
import { FileVault } from '../../adapters/vault/file-vault.js';
import type { BootChecks } from '../../app/live/readiness.js';
import { loadSettings } from '../../app/settings/load-settings.js';
import type { Pacer } from '../../ports/pacer.js';
import type { Vault } from '../../ports/vault.js';
import type { EngineCore } from './engine-core.js';
import type { LiveParts } from './live-engine.js';
import { sessionsOf, type Disturbances } from './live-sessions.js';
import { simulatedWorld } from './simulated-world.js';

/** The parts of a provisioned home with the simulated broker, the only broker of this version. */
export async function liveParts(
  core: EngineCore,
  pacer: Pacer,
  options: { readonly masterKeyFile: string | null; readonly disturbances?: Disturbances },
): Promise<LiveParts> {
  const world = await simulatedWorld(core.journal, core.identity);
  const vault = new FileVault({ paths: core.paths.storage, clock: pacer, masterKeyFile: options.masterKeyFile });
  const store = new SqliteSimStore(core.paths.storage.simBrokerDb);
  return {
    checks: bootChecks(core, vault),
    beginSession: sessionsOf({ core, pacer, world, store }, options.disturbances ?? {}),
    close: () => {
      store.close();
    },
  };
}

function bootChecks(core: EngineCore, vault: Vault): BootChecks {
  return {
    settings: () => loadSettings(vault, core.versionTag),
    build: () =>
      Promise.resolve(vault.check().map(({ file, cause, remedy }) => ({ module: file, ok: false, cause, remedy }))),
    modules: () => Promise.resolve([]),
  };
}
