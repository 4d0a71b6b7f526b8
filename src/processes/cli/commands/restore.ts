import { isEmbedded, type JournalAddress } from '../../../domain/config/journal-address.js';
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { placeRecordings, recordingsNamedIn } from '../../../adapters/backup/market-recordings.js';
import { checkBackup, type CheckedBackup } from '../../../adapters/backup/restore.js';
import { openHome, type OpenedHome } from '../../../adapters/home/home.js';
import { lockHome } from '../../../adapters/home/home-lock.js';
import { restoreFactsText } from '../../../app/audit/restored-history.js';
import { configError, type TradeBotError } from '../../../kernel/errors.js';
import { identityPartsFrom } from '../../../kernel/identity.js';
import type { DateText } from '../../../kernel/time.js';
import { journalLocation } from '../../../composition/open-journal.js';
import { restoreToServer } from '../../../composition/restore-to-server.js';
import {
  cancelRestore,
  carryOutRestore,
  prepareRestore,
  type PreparedRestore,
} from '../../../composition/restore-home.js';
import { addressOf, homeDir, settle, type CliContext, type ExitCode, type GlobalFlags } from '../context.js';
import { absolutePath } from '../paths.js';
import { reasonOf } from '../reason-option.js';
import { accountName, rebuildAll, refuseLiving } from '../replace-journal.js';
import { runs } from '../runs.js';

interface RestoreFlags extends GlobalFlags {
  readonly yes?: boolean;
  readonly reason?: string;
}

/**
 * `tradebot restore FILE`: verifies the whole chain of a backup, shows what it would drop, replaces the journal with it
 * (JRN-35) and records that, keeps what it drops as evidence, and rebuilds all projections. A missing home is created for
 * the bot of the backup.
 */
export function registerRestore(program: Command, context: CliContext): void {
  const command = program
    .command('restore')
    .description('show what a verified backup would drop, then replace the journal with it and rebuild everything')
    .argument('<file>', 'a backup made by tradebot backup')
    .option('--yes', 'restore without asking; required where no terminal is')
    .option('--reason <text>', 'reason, kept in the journal');
  runs(command, (flags: RestoreFlags, [file]) => restore(context, flags, absolutePath(file ?? '', 'the file')));
}

async function restore(context: CliContext, flags: RestoreFlags, file: string): Promise<ExitCode> {
  const { output, clock } = context;
  const reason = flags.reason === undefined ? 'no reason was given' : reasonOf(flags.reason);
  const checking = output.progress('Checking', 'events');
  const backup = await checkBackup(file, checking.update).finally(checking.stop);
  const home = homeFor(context, flags, backup);
  const { paths } = home;
  const lock = lockHome({
    ...{ paths, command: 'restore', pid: context.environment.pid, clock },
    why: 'A restore replaces the journal that a running bot writes.',
  });
  try {
    refuseLiving(context, paths.home);
    const address = addressOf(context, home);
    settle(context, paths);
    const at = { ...home, clock };
    const prepared = await prepareRestore(at, backup);
    if (!(await agreed(context, flags, prepared))) {
      cancelRestore(at);
      throw notConfirmed(prepared);
    }
    const by = { account: accountName(context), reason };
    const named = recordingsNamedIn(backup.path);
    // what the home lacks comes first: a full disk then leaves the journal as it is
    placeRecordings(named, backup.path, paths);
    if (isEmbedded(address)) await carryOutRestore(at, prepared, by);
    else await restoreToServer({ ...at, address }, prepared, by);
    const missing = placeRecordings(named, backup.path, paths, prepared.folder);
    const stopped = await rebuildAll(context, home, address);
    report(context, home, { prepared, stopped, address, missing, recordings: named.length });
    return stopped.length === 0 ? 0 : 3;
  } finally {
    lock.release();
  }
}

/** A restore that drops nothing needs no agreement. */
async function agreed({ output, ask }: CliContext, flags: RestoreFlags, { facts }: PreparedRestore): Promise<boolean> {
  for (const line of restoreFactsText(facts)) output.note(line);
  const drops =
    facts.droppedEvents > 0 ||
    facts.unreadable !== null ||
    facts.droppedSeals.length + facts.droppedExports.length + facts.droppedBackups.length > 0;
  if (flags.yes === true || !drops) return true;
  return (await ask?.('Replace the journal?')) ?? false;
}

function notConfirmed({ facts }: PreparedRestore): TradeBotError {
  return configError({
    code: 'RESTORE_NOT_CONFIRMED',
    message: `nothing was changed: ${restoreFactsText(facts).join('; ')}`,
    remedy: 'Add --yes to restore all the same.',
    details: { droppedEvents: facts.droppedEvents, droppedSeals: facts.droppedSeals.length },
  });
}

const BRING = 'copy storage/market of the earlier home to here, and the next start uses it';

interface Done {
  readonly prepared: PreparedRestore;
  readonly stopped: readonly string[];
  readonly address: JournalAddress;
  /** Days whose recording of market data is neither in the home nor next to the backup. */
  readonly missing: readonly DateText[];
  /** Recordings that the backup names. */
  readonly recordings: number;
}

function report({ output }: CliContext, { paths }: OpenedHome, done: Done): void {
  const { prepared, stopped, address, missing, recordings } = done;
  const journal = journalLocation(address, paths.storage.journalDb);
  const { facts, files, folder } = prepared;
  const { position, count, headHash, hasManifest } = facts.backup;
  const keptIn = facts.keptIn === null ? null : folder;
  const replaced = facts.abandoned === null && facts.unreadable === null ? null : folder;
  const result = { journal, position, count, headHash, hasManifest, replaced, stopped, recordings, missing };
  output.result({ ok: stopped.length === 0, ...result, dropped: facts, abandoned: files, keptIn });
  output.say(`${journal}: ${count} events, head ${headHash}, and the event of this restore`);
  if (!hasManifest) {
    output.say('  the backup has no manifest: its chain was verified, but a missing end cannot be detected');
  }
  for (const finding of prepared.backup.findings) {
    output.say(`  the backup was made from a damaged journal, without what is gone or not ours: ${finding}`);
  }
  if (recordings > missing.length) output.say(`  market data of ${recordings - missing.length} days is in place`);
  if (missing.length > 0) output.say(`  the recorded market data of ${missing.join(', ')} is missing; ${BRING}`);
  if (existsSync(paths.storage.outageSpool)) {
    output.say(`  ${paths.storage.outageSpool} has facts that no journal has yet: the next start of the bot adds them`);
  }
  if (replaced !== null) output.say(`  the previous journal is kept in ${replaced}`);
  if (files.length > 0) output.say(`  ${files.length} seals and exports of later events are kept in ${folder}`);
  for (const line of stopped) output.say(`  not rebuilt: ${line}`);
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
