import type { Condition } from '../../src/domain/conditions/condition.js';
import { marketQuality, type MarketQuality } from '../kit/market-quality.js';
import {
  critical,
  NEVER_RUN,
  noted,
  ran,
  seen,
  warning,
  type EventOf,
  type FieldsOf,
  type FindingsOf,
  type Job,
  type StatusHandlers,
} from './status-part.js';

/** The jobs that write and check files. */
export interface ReportingStatus {
  /** Of the last recorded session. */
  marketQuality: MarketQuality | null;
  exports: Job;
  backup: Job;
  projectionsCheck: Job;
  restore: Job;
  sealAnchor: Job;
}

/** Before the first event. */
export function newReportingStatus(): ReportingStatus {
  return {
    marketQuality: null,
    exports: NEVER_RUN,
    backup: NEVER_RUN,
    projectionsCheck: NEVER_RUN,
    restore: NEVER_RUN,
    sealAnchor: NEVER_RUN,
  };
}

/** Events of the jobs. */
export const reportingHandlers: StatusHandlers<'reporting'> = {
  OfxExported: noted((body, event: EventOf<'OfxExported'>) => {
    body.exports = ran(event, `ofx ${event.data.name}`);
  }),
  BooksExported: noted((body, event: EventOf<'BooksExported'>) => {
    body.exports = ran(event, `${event.data.format} ${event.data.name}`);
  }),
  BackupCompleted: noted((body, event: EventOf<'BackupCompleted'>) => {
    body.backup = ran(event, `ok ${event.data.name}, ${event.data.count} events`);
  }),
  BackupFailed: noted((body, event: EventOf<'BackupFailed'>) => {
    body.backup = ran(event, `failed ${event.data.code}: ${event.data.message}`, false);
  }),
  ProjectionsChecked: noted((body, event: EventOf<'ProjectionsChecked'>) => {
    const { projections } = event.data;
    const differ = projections.filter(({ ok }) => !ok).map(({ name }) => name);
    const result = differ.length === 0 ? `ok, ${projections.length} compared` : `differ: ${differ.join(', ')}`;
    body.projectionsCheck = ran(event, result, differ.length === 0);
  }),
  JournalRestored: noted((body, event: EventOf<'JournalRestored'>) => {
    const { backup, droppedEvents, droppedSessions, droppedSeals } = event.data;
    const dropped = `${droppedEvents} events, ${droppedSessions.length} sessions and ${droppedSeals.length} seals dropped`;
    body.restore = ran(event, `${backup.name}, ${dropped}: ${event.data.reason}`);
  }),
  SealsAnchored: noted((body, event: EventOf<'SealsAnchored'>) => {
    body.sealAnchor = ran(event, `ok, ${event.data.total} seals in ${event.data.directory}`);
  }),
  SealAnchorFailed: noted((body, event: EventOf<'SealAnchorFailed'>) => {
    body.sealAnchor = ran(event, `failed ${event.data.code}: ${event.data.message}`, false);
  }),
  BookTaskStarted: seen,
  BookTaskEnded: seen,
  DailySummaryCompiled: seen,
  JournalMoved: seen,
  JournalSealed: seen,
  MarketDataRecorded: noted((body, event: EventOf<'MarketDataRecorded'>) => {
    body.marketQuality = marketQuality(event.data);
  }),
};

/** The market data of the last session and the last run of each job; null for jobs that this version does not have. */
export const jobFields: FieldsOf = ({ body }) => ({
  market_quality: body.marketQuality,
  jobs: {
    holdings: null,
    universe: body.universeJob.lastRun === null ? null : jobField(body.universeJob),
    sync: jobField(body.sync),
    backup: jobField(body.backup),
    exports: jobField(body.exports),
    projections_check: jobField(body.projectionsCheck),
    restore: jobField(body.restore),
    seal_anchor: jobField(body.sealAnchor),
  },
  holdings_compliance: null,
});

const jobField = ({ lastRun, result }: Job): object => ({ last_run: lastRun, result });

/** Projections that differ from the journal, a backup that failed, and seals that are not anchored. */
export const jobFindings: FindingsOf = ({ body: { projectionsCheck, backup, sealAnchor } }) => {
  const found: Condition[] = [];
  if (!projectionsCheck.ok) {
    const text = `projections: ${projectionsCheck.result ?? ''}`;
    found.push(critical('PROJECTIONS_DIFFER', text, 'Rebuild them: tradebot rebuild all.'));
  }
  if (!backup.ok) {
    found.push(warning('BACKUP_FAILED', `backup: ${backup.result ?? ''}`, 'Fix the cause; then: tradebot backup.'));
  }
  if (!sealAnchor.ok) {
    const text = `seal anchor: ${sealAnchor.result ?? ''}`;
    found.push(warning('SEALS_NOT_ANCHORED', text, 'Make the folder of SEAL_ANCHOR_DIR writable.'));
  }
  return found;
};
