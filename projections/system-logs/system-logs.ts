import type { BasePaths, SystemLogName } from '../../src/domain/home/home-paths.js';
import { projection, type Handlers, type LogLine, type Projection, type ProjectionTx } from '../kit/projection.js';
import { accessLines } from './access-lines.js';
import { configLines, lifecycleLines, processLines, riskLines } from './bot-lines.js';
import type { LogEntry, LogState } from './entry.js';
import { universeLines } from './universe-lines.js';
import { SYSTEM_LOGS_SQL } from './system-logs-sql.js';

/** Fields of every line of these logs, named as in the logs of trading where they mean the same. */
export const SYSTEM_LOG_COLUMNS = [
  'timestamp',
  'event',
  'message',
  'category',
  'severity',
  'actor',
  'subject',
  'data',
  'journal_position',
] as const;

type Contexts = 'access' | 'config' | 'secrets' | 'processes' | 'health' | 'lifecycle' | 'risk' | 'universe';

const HANDLERS = {
  ...accessLines,
  ...configLines,
  ...lifecycleLines,
  ...processLines,
  ...riskLines,
  ...universeLines,
} satisfies Handlers<Contexts, LogState, LogEntry>;

const FILES = [
  'system_logs',
  'security_users',
  'system_users',
  'password_reset_tokens',
  'kill_switch',
] as const satisfies readonly SystemLogName[];

export type SystemLogsPaths = Pick<BasePaths, 'output' | 'storage'>;

/** SYSTEM_LOGS.db and its files (SEC-10, OUT-2): logins, users, settings, secrets, processes, flags, kills, errors. */
export function systemLogsProjection(paths: SystemLogsPaths): Projection {
  return projection<Contexts, LogState, LogEntry>({
    name: 'system-logs',
    version: 9,
    contexts: ['access', 'config', 'secrets', 'processes', 'health', 'lifecycle', 'risk', 'universe'],
    initial: () => null,
    handlers: HANDLERS,
    database: { path: paths.storage.systemLogsDb, schemaSql: SYSTEM_LOGS_SQL, write: writeRows },
    logs: {
      files: FILES.map((name) => ({ path: paths.output.systemLog(name), framing: 'lines', header: null })),
      lines: (entry) => linesOf(paths, entry),
    },
  });
}

function writeRows(tx: ProjectionTx, entries: readonly LogEntry[]): void {
  const insert = tx.statement('INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  for (const { event, content, data } of entries) {
    const { position, occurredAt, recordedAt, type, meta } = event;
    const { category, severity, subject, text } = content;
    insert.run(position, occurredAt, recordedAt, category, severity, type, meta.actor, subject, text, data);
  }
}

function linesOf(paths: SystemLogsPaths, { event, content, data }: LogEntry): readonly LogLine[] {
  const { category, severity, subject, text } = content;
  const record: Readonly<Record<(typeof SYSTEM_LOG_COLUMNS)[number], unknown>> = {
    timestamp: event.occurredAt,
    event: event.type,
    message: text,
    category,
    severity,
    actor: event.meta.actor,
    subject,
    data: JSON.parse(data) as unknown,
    journal_position: event.position,
  };
  const line = JSON.stringify(record);
  return ['system_logs' as const, ...(content.logs ?? [])].map((name) => ({
    path: paths.output.systemLog(name),
    text: line,
  }));
}
