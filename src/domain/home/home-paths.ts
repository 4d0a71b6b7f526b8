import { configError } from '../../kernel/errors.js';
import type { BotIdentity } from '../../kernel/identity.js';
import type { DateText } from '../../kernel/time.js';
import { universePaths, type UniversePaths } from './universe-paths.js';

/** Paths of a home that do not depend on the bot identity; the set-up needs only these. */
export interface BasePaths {
  readonly home: string;
  readonly marker: string;
  readonly lock: LockPaths;
  /** Where a running main listens to the commands of its owner: a socket in a folder that only the owner may enter. */
  readonly localSocket: { readonly dir: string; readonly file: string };
  readonly control: {
    readonly dir: string;
    readonly botState: string;
    /** Result of the last flag, for `tradebot kill --wait` and scripts. */
    readonly lastCommand: string;
    /** Exists while a bot continues whose terminal is gone. */
    readonly terminalLost: string;
    /** Path of a flag by its file name (RUN-15). */
    flag(name: string): string;
  };
  readonly storage: {
    readonly dir: string;
    /** Generations of keys, secrets and configuration; `current` links to the one in use (SEC-3). */
    readonly vault: string;
    readonly vaultCurrent: string;
    /** Serializes changes of the vault; contains no data. */
    readonly vaultLock: string;
    /** Paths of a generation by its number (SEC-3). */
    vaultGeneration(n: number): VaultGenerationPaths;
    /** `<category>.key`, each a link into the current generation; also contains the seal key. */
    readonly keys: string;
    /** Private key of this home for seals (JRN-30), wrapped when there is a master key. */
    readonly sealKey: string;
    /** `<name>.json.enc`, each a link into the current generation. */
    readonly secrets: string;
    /** The encrypted configuration, a link into the current generation (CFG-1). */
    readonly envBot: string;
    /** Earlier generations, encrypted. */
    readonly vaultBackups: string;
    readonly usersDb: string;
    readonly resetTokensDb: string;
    readonly systemLogsDb: string;
    readonly userActivityDb: string;
    /** Temporary homes of test mode runs, each deleted after its run (RUN-35). */
    readonly testRuns: string;
    /** Own strategies (TRD-24), which a user puts there; and what was compiled of a module, by its digest. Disposable. */
    readonly ownStrategies: string;
    compiledStrategy(digest: string): string;
    /** Files that only occupy space, given back on a full disk: for exits, and for a kill or stop (A.5). */
    readonly reserve: { readonly exits: string; readonly halt: string };
    /** Why main itself ordered to close everything, until everything is closed. */
    readonly haltNote: string;
    /** Notes of a process that crashed before it could journal the cause; the next start journals them (RUN-41). */
    crashNotes(process: string): string;
  };
  readonly output: {
    readonly dir: string;
    /** Directory of the process logs. */
    readonly systemLogs: string;
    readonly provisioningStatus: string;
    /** How the bot stands now, by main while it runs. */
    readonly health: string;
    systemLog(name: SystemLogName): string;
  };
}

/** Locks of a home: of the process that may write to it, and of its one engine; each with a note of its holder. */
export interface LockPaths {
  readonly db: string;
  readonly holder: string;
  readonly engineDb: string;
  readonly engineHolder: string;
}

export type SystemLogName =
  | 'main_bot'
  | 'system_logs'
  | 'heartbeat'
  | 'router'
  | 'kill_switch'
  | 'provisioning'
  | 'auth_web'
  | 'security_users'
  | 'system_users'
  | 'user_activity_monitoring'
  | 'password_reset_tokens'
  | 'start'
  | 'stop'
  | 'test_mode';

/** The paths that do not depend on the bot identity. `home` is an absolute path without a trailing slash. */
export function basePaths(home: string): BasePaths {
  const storage = `${home}/storage`;
  const control = `${home}/control`;
  const logs = `${home}/output/logs`;
  return {
    home,
    marker: homeMarker(home),
    lock: {
      db: `${storage}/lock.db`,
      holder: `${storage}/lock.json`,
      engineDb: `${storage}/engine.db`,
      engineHolder: `${storage}/engine.json`,
    },
    localSocket: { dir: `${storage}/local`, file: `${storage}/local/main.sock` },
    control: {
      dir: control,
      botState: `${control}/bot_state.txt`,
      lastCommand: `${control}/last_command.json`,
      terminalLost: `${control}/terminal_lost.txt`,
      flag: (name) => `${control}/${safeName(name)}`,
    },
    storage: {
      dir: storage,
      vault: `${storage}/vault`,
      vaultCurrent: `${storage}/vault/current`,
      vaultLock: `${storage}/vault/lock.db`,
      vaultGeneration: (n) => generationPaths(`${storage}/vault/gen-${n}`),
      keys: `${storage}/keys`,
      sealKey: `${storage}/keys/journal_seal.key`,
      secrets: `${storage}/secrets`,
      envBot: `${storage}/.env_bot.enc`,
      vaultBackups: `${storage}/backups/vault`,
      usersDb: `${storage}/databases/SYSTEM_USERS.db`,
      resetTokensDb: `${storage}/databases/PASSWORD_RESET_TOKENS.db`,
      systemLogsDb: `${storage}/databases/SYSTEM_LOGS.db`,
      userActivityDb: `${storage}/databases/USER_ACTIVITY_MONITORING.db`,
      testRuns: `${storage}/test-runs`,
      ownStrategies: `${home}/strategies`,
      compiledStrategy: (digest) => `${storage}/own-strategies/${safeName(`${digest}.json`)}`,
      reserve: { exits: `${storage}/reserve-exits.bin`, halt: `${storage}/reserve-halt.bin` },
      haltNote: `${storage}/main-halt.txt`,
      crashNotes: (process) => `${storage}/${safeName(`crash-${process}.json`)}`,
    },
    output: {
      dir: `${home}/output`,
      systemLogs: logs,
      provisioningStatus: `${logs}/provisioning_status.json`,
      health: `${home}/output/health.json`,
      systemLog: (name) => `${logs}/${SYSTEM_LOG_FILE[name] ?? `${name}.log`}`,
    },
  };
}

/** Files of one vault generation, which the links in storage/ point to by these names. */
export interface VaultGenerationPaths {
  readonly dir: string;
  readonly keys: string;
  readonly secrets: string;
  readonly envBot: string;
  key(category: string): string;
  secret(name: string): string;
}

function generationPaths(dir: string): VaultGenerationPaths {
  return {
    dir,
    keys: `${dir}/keys`,
    secrets: `${dir}/secrets`,
    envBot: `${dir}/.env_bot.enc`,
    key: (category) => `${dir}/keys/${safeName(`${category}.key`)}`,
    secret: (name) => `${dir}/secrets/${safeName(`${name}.json.enc`)}`,
  };
}

/** The two logs that docs/REQUIREMENTS.md names without an extension. */
const SYSTEM_LOG_FILE: Readonly<Partial<Record<SystemLogName, string>>> = { start: 'start_log', stop: 'stop_log' };

/** All paths of a home (RUN-6). */
export interface HomePaths {
  readonly home: string;
  /** States the layout version of this home, and its bot. */
  readonly marker: string;
  /** Lock of the process that may write to this home (RUN-3), and a note of its holder. */
  readonly lock: LockPaths;
  readonly localSocket: BasePaths['localSocket'];
  /** All folders of the tree (RUN-6), parents first; only the owner can access private ones. */
  readonly folders: readonly { readonly path: string; readonly private: boolean }[];
  /** Journal backups made by `tradebot backup`. */
  readonly backups: string;
  /** Journal backups made after sessions; only these are deleted by retention (OUT-6), oldest first. */
  readonly sessionBackups: string;
  readonly control: BasePaths['control'];
  readonly storage: BasePaths['storage'] & {
    readonly journalDir: string;
    readonly journalDb: string;
    /** Copy of a backup that is prepared to become the journal. */
    readonly stagedJournal: string;
    /** Plan of a restore from before its swap until everything is rebuilt; a restore that was cut off is settled by it. */
    readonly restoreNote: string;
    /** A move of the journal from its decision until everything is in place. */
    readonly moveNote: string;
    /** Where the last verification of the journal's chain ended. Disposable. */
    readonly verifiedMark: string;
    /** Checkpoints and fold states of the projections whose target is not itself a database. */
    readonly projectionsDb: string;
    /** Snapshots of folded state, so a query about the past need not start at the first event. Disposable. */
    readonly snapshotsDb: string;
    /** Recorded market data by day: a source, like the journal (TRD-6). */
    readonly market: string;
    /** The simulated broker's own books, never read by the bot's. */
    readonly simBrokerDb: string;
    /** What the simulated market is made of, next to the account: reachable without the journal. */
    readonly simWorld: string;
    /** Side files of kills without a journal (RUN-16). */
    readonly breakGlass: string;
    /** What broker and market data sent, as it came: a file for each day and side. */
    readonly rawFrames: string;
    /** What the engine records while the journal is away, until the journal has it. */
    readonly outageSpool: string;
    /** Directories that seals of this home were anchored in. */
    readonly sealAnchors: string;
  };
  readonly output: BasePaths['output'] & {
    readonly statusMirror: string;
    readonly bot: string;
    readonly ledgers: string;
    readonly ledgerDb: string;
    readonly coaDb: string;
    readonly floatLedgerDb: string;
    readonly coaJson: string;
    readonly coaMetadata: string;
    readonly coaAuditLog: string;
    readonly coaMappingTable: string;
    readonly mappingVersions: string;
    readonly trades: string;
    readonly tradeHistoryCsv: string;
    readonly tradeHistoryJson: string;
    readonly summaries: string;
    readonly dailySummary: string;
    readonly exports: string;
    readonly market: string;
    /** Seals of the journal, and the public key to check them. */
    readonly audit: string;
    readonly sealPublicKey: string;
    readonly logs: string;
    readonly statusJson: string;
  };
  readonly universe: UniversePaths;
  dailySummaryOf(date: DateText): string;
  /** Log of a strategy, or one of COMMON_BOT_LOGS. */
  log(name: string): string;
  exportFile(format: ExportFormat, name: string): string;
  marketFile(date: DateText): string;
  /** Path of the `n`th journal that a restore replaced. */
  replacedJournal(n: number): string;
  /** Path of the folder for the `n`th journal that was moved away. */
  movedJournal(n: number): string;
  /** The journal that a restore kept in a folder of this name. */
  keptJournal(folder: string): string;
  /** The recording of which `marketFile` is a copy. */
  marketRecording(date: DateText): string;
  /** The minutes of a session that has not closed. */
  marketRecordingPart(date: DateText): string;
  sealFile(sealId: string): string;
}

/** Logs of the bot that belong to no strategy; each strategy also has a log of its own name. */
export const COMMON_BOT_LOGS = ['unresolved_orders', 'error_tracebacks', 'disaster_mode'] as const;
export type ExportFormat = 'ofx' | 'csv' | 'json' | 'hledger' | 'beancount';

/** Name of the exports that a session makes at its end, without the extension. */
export function sessionExportName(date: DateText): string {
  return `session_${date}`;
}

const EXTENSION: Readonly<Record<ExportFormat, string>> = {
  ofx: 'ofx',
  csv: 'csv',
  json: 'json',
  hledger: 'journal',
  beancount: 'beancount',
};
const FILE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,120}$/;

/** Checks a single file or folder name, which cannot leave its folder. */
export function safeName(name: string): string {
  if (!FILE_NAME.test(name) || name.includes('..')) {
    throw configError({
      code: 'UNSAFE_NAME',
      message: `"${name.slice(0, 60)}" is not a valid file name`,
      remedy: 'Use letters, digits, dots, dashes and underscores, starting with a letter or digit.',
    });
  }
  return name;
}

/** Directory next to the home that is proposed for copies of its seals; another disk is better. */
export function proposedAnchor(home: string): string {
  return `${home}-seals`;
}

/** Path of a file in a seal anchor directory, which a setting names. */
export function anchorFile(directory: string, name: string): string {
  return `${directory}/${safeName(name)}`;
}

/** Path of the marker of a home, which is read before the bot identity is known. */
export function homeMarker(home: string): string {
  return `${home}/storage/home.json`;
}

/** File of paths and ports for the command line, plain text (CFG-4). */
export function dotEnvOf(home: string): string {
  return `${home}/.env`;
}

function treeFolders(home: string, own: string): HomePaths['folders'] {
  const secret = ['', '/journal', '/keys', '/secrets', '/databases', '/backups', '/vault', '/sim-broker', '/market'];
  const shared = ['ledgers', 'trades', 'summaries', 'exports', 'transfers', 'transfers_ack', 'audit', 'market', 'logs'];
  return [
    ...secret.map((name) => ({ path: `${home}/storage${name}`, private: true })),
    ...['control', 'output', 'output/logs', 'output/screeners'].map((name) => ({
      path: `${home}/${name}`,
      private: false,
    })),
    { path: own, private: false },
    ...shared.map((name) => ({ path: `${own}/${name}`, private: false })),
    { path: `${home}/backups`, private: true },
    { path: `${home}/backups/sessions`, private: true },
  ];
}

/** File name of the `n`th journal backup whose last event has this position; histories differ after a restore. */
export function backupName(position: string, n: number): string {
  return safeName(n === 1 ? `journal_${position}.db` : `journal_${position}_${n}.db`);
}

/** All paths of the home of a bot. `home` is an absolute path without a trailing slash. */
export function homePaths(home: string, bot: BotIdentity): HomePaths {
  const storage = `${home}/storage`;
  const output = `${home}/output`;
  const own = `${output}/${bot}`;
  const ledgers = `${own}/ledgers`;
  const logs = `${own}/logs`;
  const base = basePaths(home);
  return {
    ...{ home, marker: base.marker, lock: base.lock, localSocket: base.localSocket },
    folders: treeFolders(home, own),
    backups: `${home}/backups`,
    sessionBackups: `${home}/backups/sessions`,
    control: base.control,
    storage: {
      ...base.storage,
      journalDir: `${storage}/journal`,
      journalDb: `${storage}/journal/journal.db`,
      stagedJournal: `${storage}/journal/journal.db.restore`,
      restoreNote: `${storage}/journal/restore.json`,
      moveNote: `${storage}/journal/move.json`,
      verifiedMark: `${storage}/journal-verified.json`,
      projectionsDb: `${storage}/databases/projections.db`,
      snapshotsDb: `${storage}/databases/snapshots.db`,
      market: `${storage}/market`,
      simBrokerDb: `${storage}/sim-broker/broker.db`,
      simWorld: `${storage}/sim-broker/world.json`,
      breakGlass: `${storage}/break-glass`,
      rawFrames: `${storage}/raw-frames`,
      outageSpool: `${storage}/journal-outage.jsonl`,
      sealAnchors: `${storage}/seal-anchors.json`,
    },
    output: {
      ...base.output,
      statusMirror: `${output}/status.json`,
      bot: own,
      ledgers,
      ledgerDb: `${ledgers}/${bot}_BOT_ledger.db`,
      coaDb: `${ledgers}/${bot}_BOT_COA.db`,
      floatLedgerDb: `${ledgers}/${bot}_BOT_FLOAT_ledger.db`,
      coaJson: `${ledgers}/coa.json`,
      coaMetadata: `${ledgers}/coa_metadata.json`,
      coaAuditLog: `${ledgers}/coa_audit_log.json`,
      coaMappingTable: `${ledgers}/coa_mapping_table.json`,
      mappingVersions: `${ledgers}/mapping_versions`,
      trades: `${own}/trades`,
      tradeHistoryCsv: `${own}/trades/${bot}_BOT_trade_history.csv`,
      tradeHistoryJson: `${own}/trades/${bot}_BOT_trade_history.json`,
      summaries: `${own}/summaries`,
      dailySummary: `${own}/summaries/${bot}_BOT_daily_summary.json`,
      exports: `${own}/exports`,
      market: `${own}/market`,
      audit: `${own}/audit`,
      sealPublicKey: `${own}/audit/journal_seal.pub`,
      logs,
      statusJson: `${logs}/status.json`,
    },
    universe: universePaths(home, safeName),
    dailySummaryOf: (date) => `${own}/summaries/${bot}_BOT_daily_summary_${safeName(date)}.json`,
    log: (name) => `${logs}/${safeName(`${name}.log`)}`,
    exportFile: (format, name) => `${own}/exports/${format}/${safeName(`${name}.${EXTENSION[format]}`)}`,
    replacedJournal: (n) => `${storage}/journal/replaced-${n}`,
    movedJournal: (n) => `${storage}/journal/moved-${n}`,
    keptJournal: (folder) => `${storage}/journal/${safeName(folder)}/journal.db`,
    marketFile: (date) => `${own}/market/${safeName(date)}.csv.gz`,
    marketRecording: (date) => `${storage}/market/${safeName(date)}.csv.gz`,
    marketRecordingPart: (date) => `${storage}/market/${safeName(date)}.part.csv`,
    sealFile: (sealId) => `${own}/audit/seal_${safeName(sealId)}.json`,
  };
}
