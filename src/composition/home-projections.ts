import { existsSync } from 'node:fs';
import type { Projection } from '../../projections/kit/projection.js';
import { coaProjection } from '../../projections/coa/coa.js';
import { dailySummaryProjection } from '../../projections/daily-summary/daily-summary.js';
import { floatLedgerProjection } from '../../projections/float-ledger/float-ledger.js';
import { ledgerProjection } from '../../projections/ledger/ledger.js';
import { logsProjection } from '../../projections/logs/logs.js';
import { statusProjection } from '../../projections/status/status.js';
import { systemLogsProjection } from '../../projections/system-logs/system-logs.js';
import { tradeHistoryProjection } from '../../projections/trade-history/trade-history.js';
import { userActivityProjection } from '../../projections/user-activity/user-activity.js';
import type { StatementSource } from '../app/exports/export-books.js';
import { sealsProjection } from '../app/audit/seals-projection.js';
import { exportsProjection } from '../app/exports/exports-projection.js';
import { marketCopyProjection } from '../app/exports/market-copy-projection.js';
import type { BookCodes } from '../domain/accounting/book-codes.js';
import type { HomePaths } from '../domain/home/home-paths.js';
import type { BotIdentity, BotIdentityParts } from '../kernel/identity.js';
import { sealKeysOf, type MasterKeySource } from './seal-keys.js';
import { ownStrategyNames } from '../adapters/own-strategies/read-folder.js';
import { readRecording } from '../adapters/market-recorder/market-recorder.js';
import { recordingDigest } from '../adapters/market-recorder/recording-digest.js';
import { STRATEGIES } from '../strategies/registry.js';
import type { Strategy } from '../strategies/strategy.js';

export interface HomeProjectionsOptions {
  readonly paths: HomePaths;
  readonly identity: BotIdentity;
  readonly identityParts: BotIdentityParts;
  readonly codes: BookCodes;
  /** The books of a date range, for exports. */
  readonly statement: StatementSource;
  /** For the seals that the projections sign; without it as in a home without a master key. */
  readonly masterKey?: MasterKeySource | undefined;
  /** Strategies with a log and a section in the status; defaults to the registry. */
  readonly strategies?: readonly Strategy[];
}

/** Every projection of a home, each with the files that only it writes (JRN-23). */
export function homeProjections(options: HomeProjectionsOptions): readonly Projection[] {
  const { paths, codes, statement } = options;
  const strategies = (options.strategies ?? STRATEGIES).map(({ name }): string => name);
  // the log of an own strategy is made while its folder is in the home
  const logs = [
    ...strategies,
    ...ownStrategyNames(paths.storage.ownStrategies).filter((name) => !strategies.includes(name)),
  ];
  return [
    ledgerProjection({ path: paths.output.ledgerDb, codes }),
    coaProjection({
      path: paths.output.coaDb,
      entity: codes.entity,
      jurisdiction: codes.jurisdiction,
      files: {
        coa: paths.output.coaJson,
        metadata: paths.output.coaMetadata,
        auditLog: paths.output.coaAuditLog,
        mappingTable: paths.output.coaMappingTable,
        mappingVersions: paths.output.mappingVersions,
      },
    }),
    floatLedgerProjection({ path: paths.output.floatLedgerDb }),
    logsProjection(paths, { strategies: logs }),
    systemLogsProjection(paths),
    userActivityProjection(paths),
    tradeHistoryProjection(paths),
    dailySummaryProjection(paths, { codes, lotMethod: 'FIFO' }),
    marketCopyProjection({
      paths,
      readRecording: ({ date, sha256 }) => {
        const path = paths.marketRecording(date);
        return recordingDigest(path) === sha256 ? readRecording(path) : undefined;
      },
      exists: existsSync,
    }),
    sealsProjection({ paths, signer: sealKeysOf(paths, options.masterKey) }),
    exportsProjection({ paths, statement }),
    statusProjection(paths, { codes, lotMethod: 'FIFO', strategies }),
  ];
}
