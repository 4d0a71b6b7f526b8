import type { Command } from 'commander';
import { checkBackup, keepEvidence, putBack, type CheckedBackup } from '../../../adapters/backup/restore.js';
import { openHome, type OpenedHome } from '../../../adapters/home/home.js';
import { lockHome } from '../../../adapters/home/home-lock.js';
import { findLostHistory } from '../../../app/audit/lost-history.js';
import { configError } from '../../../kernel/errors.js';
import { identityPartsFrom } from '../../../kernel/identity.js';
import { openRuntime } from '../../../composition/engine-runtime.js';
import { homeEvidence } from '../../../composition/home-evidence.js';
import { openJournal } from '../../../composition/open-journal.js';
import { homeDir, type CliContext, type ExitCode, type GlobalFlags } from '../context.js';
import { absolutePath } from '../paths.js';
import { runs } from '../runs.js';

/**
 * `tradebot restore FILE`: verifies the whole chain of a backup and replaces the journal with it (JRN-35), keeps the previous
 * journal, and rebuilds all projections. A missing home is created for the bot of the backup.
 */
export function registerRestore(program: Command, context: CliContext): void {
  const command = program
    .command('restore')
    .description('replace the journal with a verified backup and rebuild everything from it')
    .argument('<file>', 'a backup made by tradebot backup');
  runs(command, (flags: GlobalFlags, [file]) => restore(context, flags, absolutePath(file ?? '', 'the file')));
}

async function restore(context: CliContext, flags: GlobalFlags, file: string): Promise<ExitCode> {
  const { output } = context;
  const checking = output.progress('Checking', 'events');
  const backup = await checkBackup(file, checking.update).finally(checking.stop);
  const home = homeFor(context, flags, backup);
  const { paths } = home;
  const lock = lockHome({ paths, command: 'restore', pid: context.environment.pid, clock: context.clock });
  try {
    const replaced = await putBack(backup, paths);
    const abandoned = await abandonedFiles(context, home);
    const keptIn = keepEvidence(abandoned, replaced, paths);
    const stopped = await rebuildAll(context, home);
    const { position, count, headHash, hasManifest } = backup;
    const result = { journal: paths.storage.journalDb, position, count, headHash, hasManifest, replaced, stopped };
    output.result({ ok: stopped.length === 0, ...result, abandoned, keptIn });
    output.say(`${paths.storage.journalDb}: ${count} events, head ${headHash}`);
    if (!hasManifest)
      output.say('  the backup has no manifest: its chain was verified, but a missing end cannot be detected');
    if (replaced !== null) output.say(`  the previous journal is kept in ${replaced}`);
    if (keptIn !== null) output.say(`  ${abandoned.length} seals and exports of later events are kept in ${keptIn}`);
    for (const line of stopped) output.say(`  not rebuilt: ${line}`);
    return stopped.length === 0 ? 0 : 3;
  } finally {
    lock.release();
  }
}

/** Seals and published exports of events that the restored journal does not have. */
async function abandonedFiles(context: CliContext, home: OpenedHome): Promise<readonly string[]> {
  const { paths, identity } = home;
  const evidence = homeEvidence(paths, identity);
  const { journalDb } = paths.storage;
  const journal = await openJournal('sqlite:', { journalDb, botIdentity: identity, clock: context.clock });
  try {
    return (await findLostHistory(journal, evidence)).flatMap(({ path }) => (path === null ? [] : [path]));
  } finally {
    await journal.close();
  }
}

function homeFor(context: CliContext, flags: GlobalFlags, { botIdentity, path }: CheckedBackup): OpenedHome {
  const identity = identityPartsFrom(botIdentity);
  const home = openHome({ dir: homeDir(context, flags), newFor: identity, create: true, version: context.version });
  if (home.identity === botIdentity) return home;
  throw configError({
    code: 'BACKUP_OTHER_BOT',
    message: `${path} is the journal of ${botIdentity}, ${home.paths.home} is the home of ${home.identity}`,
    remedy: 'Give the --home of that bot, or a new folder.',
  });
}

/** Rebuilds all projections; returns those that failed and why, such as a missing recording of market data. */
async function rebuildAll(context: CliContext, home: OpenedHome): Promise<readonly string[]> {
  const { paths, identity, identityParts } = home;
  const runtime = await openRuntime({
    paths,
    identity,
    identityParts,
    versionTag: context.version,
    restoring: true,
  });
  try {
    const bar = context.output.progress('Rebuilding', 'events');
    const { projections } = await runtime.projector.rebuild('all', bar.update).finally(bar.stop);
    return projections.flatMap(({ name, stopped }) => (stopped === null ? [] : [`${name}: ${stopped.reason}`]));
  } finally {
    await runtime.close();
  }
}
