import { TestHomes } from '../../adapters/home/test-homes.js';
import { SteadyClock } from '../../adapters/clock/steady-clock.js';
import { makeFolders } from '../../adapters/files/make-folders.js';
import { openTelemetry } from '../../adapters/telemetry/telemetry.js';
import { FileVault } from '../../adapters/vault/file-vault.js';
import { EventAppender } from '../../app/journal/event-appender.js';
import { loadSettings, settingTexts } from '../../app/settings/load-settings.js';
import { dryRunTexts } from '../../app/test-mode/dry-run-settings.js';
import { runTestMode, type TestOutcome } from '../../app/test-mode/test-run.js';
import { parseSettings } from '../../domain/config/settings.js';
import { configError } from '../../kernel/errors.js';
import { homePaths } from '../../domain/home/home-paths.js';
import { composeBotIdentity } from '../../kernel/identity.js';
import type { Clock } from '../../kernel/time.js';
import { addressIn } from '../../composition/home-journal-address.js';
import { openHomeJournal } from '../../composition/open-home-journal.js';
import type { ChildInit, WorkerTask } from '../ipc/messages.js';
import { testChecks } from './test-checks.js';

/**
 * A run in test mode (RUN-35): what a flag asked for, in homes of its own that are gone afterwards. Of the real home only
 * the journal (start and end), what is made of it, and test_mode.log change.
 */
export async function testRun(
  init: ChildInit,
  task: Extract<WorkerTask, { task: 'test-run' }>,
  clock: Clock,
): Promise<TestOutcome> {
  const { identityParts, home, versionTag, masterKeyFile } = init;
  if (identityParts === null) throw notProvisioned(home);
  const identity = composeBotIdentity(identityParts);
  const paths = homePaths(home, identity);
  const vault = new FileVault({ paths: paths.storage, clock, masterKeyFile });
  const journal = await openHomeJournal({ paths, identity, clock, address: addressIn(vault, paths.storage) });
  const appender = new EventAppender({ journal, clock, identity, actor: 'system:test-mode' });
  const homes = new TestHomes(paths.storage.testRuns, versionTag);
  makeFolders(paths.output.systemLogs, 0o755);
  const telemetry = openTelemetry({
    path: paths.output.systemLog('test_mode'),
    ...{ steady: new SteadyClock({ anchor: init.clockAnchor }), world: clock, process: 'worker' },
  });
  const log = (line: string): void => telemetry.info(line);
  const { runId, test, by, partOf } = task;
  try {
    homes.sweep();
    const tests = testChecks({
      ...{ homes, runId, versionTag, clock, log, paths, identityParts, journal, vault },
      liveSettings: () => loadSettings(vault, versionTag),
      drySettings: () => parseSettings(dryRunTexts(settingTexts(vault))),
    });
    return await runTestMode({ runId, test, by, partOf, tests, appender, log });
  } finally {
    homes.sweep();
    await telemetry.close();
    await journal.close();
  }
}

function notProvisioned(home: string): Error {
  return configError({
    code: 'NOT_PROVISIONED',
    message: `${home} is not set up yet`,
    remedy: 'Fill in the set-up page first; test mode needs keys and settings.',
  });
}
