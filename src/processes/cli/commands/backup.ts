import type { Command } from 'commander';
import type { Backup } from '../../../adapters/backup/back-up.js';
import { VirtualClock } from '../../../adapters/clock/virtual-clock.js';
import type { OpenedHome } from '../../../adapters/home/home.js';
import { refuseLostHistory } from '../../../app/audit/lost-history.js';
import { recordBackup, type BackupOutcome } from '../../../app/backup/record-backup.js';
import { TradeBotError } from '../../../kernel/errors.js';
import { epochMs, parseUtcText } from '../../../kernel/time.js';
import { copyHomeJournal, lacksOf } from '../../../composition/copy-home-journal.js';
import { homeEvidence } from '../../../composition/home-evidence.js';
import { openJournalOf } from '../../../composition/open-home-journal.js';
import type { Journal } from '../../../ports/journal.js';
import {
  existingHome,
  journalOf,
  withJournal,
  withRuntime,
  type CliContext,
  type ExitCode,
  type GlobalFlags,
} from '../context.js';
import { absolutePath } from '../paths.js';
import { runs } from '../runs.js';

interface BackupFlags extends GlobalFlags {
  readonly to?: string;
}

/** `tradebot backup`: a verified copy of the journal, also while the bot runs (JRN-35). Needs no lock of the home. */
export function registerBackup(program: Command, context: CliContext): void {
  const command = program
    .command('backup')
    .description('copy the journal, also while the bot runs, and verify the copy')
    .option('--to <dir>', 'directory of the copy and its manifest (default: backups/ in the home)');
  runs(command, (flags: BackupFlags) => backup(context, flags));
}

async function backup(context: CliContext, flags: BackupFlags): Promise<ExitCode> {
  const home = existingHome(context, flags);
  const folder = flags.to === undefined ? home.paths.backups : absolutePath(flags.to, '--to');
  const made = await withJournal(context, home, async (journal) => {
    await refuseLostHistory(journal, homeEvidence(home.paths, home.identity));
    return copy(context, home, { journal, folder });
  });
  const { name, position, count, headHash, eventsDigest, sha256, bytes } = made.manifest;
  await recordOutcome(context, home, {
    type: 'BackupCompleted',
    data: { name, position, count, headHash, sha256, bytes },
  });
  await showInStatus(context, flags);
  const { recordings, findings } = made.manifest;
  const lacks = lacksOf(made.manifest, home.paths);
  context.output.result({ ok: findings === undefined, path: made.path, ...made.manifest, lacks });
  context.output.say(made.path);
  if (eventsDigest !== undefined) context.output.say(`  digest of the events alone ${eventsDigest}`);
  context.output.say(`  ${count} events, head ${headHash}, SHA-256 ${sha256}`);
  if (recordings !== undefined && recordings.count > 0) {
    context.output.say(`  market data of ${recordings.count} days, ${recordings.bytes} bytes, in market/ next to it`);
  }
  for (const line of lacks) context.output.say(`  ${line}`);
  return findings === undefined ? 0 : 3;
}

async function copy(
  context: CliContext,
  home: OpenedHome,
  { journal, folder }: { readonly journal: Journal; readonly folder: string },
): Promise<Backup> {
  const { paths, identity } = home;
  const onServer = journal.file === undefined;
  const bar = context.output.progress('Copying', onServer ? 'events' : 'pages');
  try {
    const { pid } = context.environment;
    return await copyHomeJournal({ paths, identity, journal, folder, pid, onProgress: bar.update });
  } catch (error) {
    if (error instanceof TradeBotError) await recordFailure(context, home, error);
    throw error;
  } finally {
    bar.stop();
  }
}

/** Records the outcome at the time of the last event: a backup does not move the clock of the journal. */
async function recordOutcome(context: CliContext, home: OpenedHome, outcome: BackupOutcome): Promise<void> {
  const { identity } = home;
  const clock = new VirtualClock(epochMs(0));
  const journal = await openJournalOf({ ...journalOf(context, home), clock });
  try {
    const [last] = await journal.readAll({ direction: 'backwards', limit: 1 });
    clock.advanceTo(last === undefined ? context.clock.now() : parseUtcText(last.recordedAt));
    await recordBackup({ journal, identity, clock }, outcome);
  } finally {
    await journal.close();
  }
}

/** A journal that cannot be copied may also refuse writes: the first failure is the one to report. */
async function recordFailure(context: CliContext, home: OpenedHome, { code, message }: TradeBotError): Promise<void> {
  try {
    await recordOutcome(context, home, { type: 'BackupFailed', data: { code, message } });
  } catch {
    context.output.note('The failure could not be recorded in the journal.');
  }
}

/** When another process works on the home, that process updates the status. */
async function showInStatus(context: CliContext, flags: GlobalFlags): Promise<void> {
  try {
    await withRuntime(context, flags, 'backup', ({ projector }) => projector.catchUp());
  } catch (error) {
    if (!(error instanceof TradeBotError) || error.code !== 'HOME_IN_USE') throw error;
  }
}
