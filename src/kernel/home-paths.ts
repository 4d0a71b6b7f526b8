import { configError } from './errors.js';
import type { BotIdentity } from './identity.js';
import type { DateText } from './time.js';

/** The one place that knows where things lie under a home (RUN-6, spec 60). Pure: it composes names, it opens nothing. */
export interface HomePaths {
  readonly home: string;
  /** Says which layout version made this home, and for which bot. */
  readonly marker: string;
  /** Held by the one process that may write here (RUN-3), and who that is. */
  readonly lock: { readonly db: string; readonly holder: string };
  /** Every folder of the tree (spec 60), parents first; those marked private are the owner's alone. */
  readonly folders: readonly { readonly path: string; readonly private: boolean }[];
  /** Copies of the journal that `tradebot backup` made. */
  readonly backups: string;
  readonly control: { readonly dir: string; readonly botState: string };
  readonly storage: {
    readonly dir: string;
    readonly journalDir: string;
    readonly journalDb: string;
    /** Checkpoints and fold states of the projections whose target is not itself a database. */
    readonly projectionsDb: string;
    /** Folds kept part of the way, so that a question about the past need not begin at the first event. Disposable. */
    readonly snapshotsDb: string;
    /** Recorded market data by day: a source beside the journal (TRD-6). */
    readonly market: string;
    /** The simulated broker's own books: the other side's records, never read by ours. */
    readonly simBrokerDb: string;
    /** The home's private key for seals (JRN-30). */
    readonly sealKey: string;
  };
  readonly output: {
    readonly dir: string;
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
    /** Seals of the journal, and the public key that they are checked with. */
    readonly audit: string;
    readonly sealPublicKey: string;
    readonly logs: string;
    readonly statusJson: string;
  };
  dailySummaryOf(date: DateText): string;
  log(name: BotLogName): string;
  exportFile(format: ExportFormat, name: string): string;
  marketFile(date: DateText): string;
  /** Where a journal that another one took the place of is kept, the `n`th of them. */
  replacedJournal(n: number): string;
  /** The recording that `marketFile` is a copy of. */
  marketRecording(date: DateText): string;
  sealFile(sealId: string): string;
}

export type BotLogName = 'open' | 'mid' | 'close' | 'unresolved_orders' | 'error_tracebacks' | 'disaster_mode';
export type ExportFormat = 'ofx' | 'csv' | 'json' | 'hledger';

const EXTENSION: Readonly<Record<ExportFormat, string>> = { ofx: 'ofx', csv: 'csv', json: 'json', hledger: 'journal' };
const FILE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,120}$/;

/** A single file or folder name that cannot leave its folder. */
export function safeName(name: string): string {
  if (!FILE_NAME.test(name) || name.includes('..')) {
    throw configError({
      code: 'UNSAFE_NAME',
      message: `"${name.slice(0, 60)}" cannot be a file name here`,
      remedy: 'Use letters, digits, dot, dash and underscore, starting with a letter or digit.',
    });
  }
  return name;
}

/** Where the marker of any home lies: what must be read before the bot's identity is known. */
export function homeMarker(home: string): string {
  return `${home}/storage/home.json`;
}

function treeFolders(home: string, own: string): HomePaths['folders'] {
  const secret = ['', '/journal', '/keys', '/secrets', '/databases', '/backups', '/sim-broker', '/market'];
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
  ];
}

/** Name of a copy of the journal whose last event has this position. */
export function backupName(position: string): string {
  return safeName(`journal_${position}.db`);
}

/** `home` is an absolute path without a trailing slash. */
export function homePaths(home: string, bot: BotIdentity): HomePaths {
  const storage = `${home}/storage`;
  const output = `${home}/output`;
  const own = `${output}/${bot}`;
  const ledgers = `${own}/ledgers`;
  const logs = `${own}/logs`;
  return {
    home,
    marker: homeMarker(home),
    lock: { db: `${storage}/lock.db`, holder: `${storage}/lock.json` },
    folders: treeFolders(home, own),
    backups: `${home}/backups`,
    control: { dir: `${home}/control`, botState: `${home}/control/bot_state.txt` },
    storage: {
      dir: storage,
      journalDir: `${storage}/journal`,
      journalDb: `${storage}/journal/journal.db`,
      projectionsDb: `${storage}/databases/projections.db`,
      snapshotsDb: `${storage}/databases/snapshots.db`,
      market: `${storage}/market`,
      simBrokerDb: `${storage}/sim-broker/broker.db`,
      sealKey: `${storage}/keys/journal_seal.key`,
    },
    output: {
      dir: output,
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
    dailySummaryOf: (date) => `${own}/summaries/${bot}_BOT_daily_summary_${safeName(date)}.json`,
    log: (name) => `${logs}/${name}.log`,
    exportFile: (format, name) => `${own}/exports/${format}/${safeName(`${name}.${EXTENSION[format]}`)}`,
    replacedJournal: (n) => `${storage}/journal/replaced-${n}`,
    marketFile: (date) => `${own}/market/${safeName(date)}.csv.gz`,
    marketRecording: (date) => `${storage}/market/${safeName(date)}.csv.gz`,
    sealFile: (sealId) => `${own}/audit/seal_${safeName(sealId)}.json`,
  };
}
