import type { EventData, RecordedEvent } from '../../src/events/event.js';
import type { UtcText } from '../../src/kernel/time.js';
import type { MappingTable } from '../../src/domain/accounting/mapping.js';
import type { Account, Coa } from '../../src/domain/accounting/coa.js';
import {
  ignore,
  projection,
  type Emit,
  type FileText,
  type Handlers,
  type Projection,
  type ProjectionTx,
} from '../kit/projection.js';
import { COA_SCHEMA_SQL } from './schema.js';

export interface CoaOptions {
  readonly path: string;
  readonly entity: string;
  readonly jurisdiction: string;
  readonly files: {
    readonly coa: string;
    readonly metadata: string;
    readonly auditLog: string;
    readonly mappingTable: string;
    /** Folder; one file a version. */
    readonly mappingVersions: string;
  };
}

interface AuditEntry {
  readonly changed: 'chart' | 'mapping';
  readonly version: string;
  readonly at: UtcText;
  readonly actor: string;
  readonly reason: string;
  readonly added: readonly string[];
  readonly altered: readonly string[];
  readonly removed: readonly string[];
}

interface CoaState {
  readonly chart: Coa | null;
  readonly mapping: MappingTable | null;
  readonly createdAt: UtcText | null;
  readonly updatedAt: UtcText | null;
  readonly audit: readonly AuditEntry[];
}

/** One version that took effect, with its differences from the one before. */
interface VersionOutput {
  readonly entry: AuditEntry;
  readonly eventId: string;
  readonly position: string;
  readonly chart: EventData<'CoaChanged'> | null;
  readonly mapping: EventData<'CoaMappingChanged'> | null;
}

const NOTHING: CoaState = { chart: null, mapping: null, createdAt: null, updatedAt: null, audit: [] };

function chartChanged(state: CoaState, event: RecordedEvent<'CoaChanged'>, emit: Emit<VersionOutput>): CoaState {
  const { data } = event;
  const differences = differencesOf(accountTexts(state.chart?.accounts ?? []), accountTexts(data.accounts));
  const entry: AuditEntry = { changed: 'chart', version: data.version, ...auditStamp(event), ...differences };
  emit({ entry, eventId: event.id, position: event.position, chart: data, mapping: null });
  const createdAt = state.createdAt ?? event.occurredAt;
  return { ...state, chart: data, createdAt, updatedAt: event.occurredAt, audit: [...state.audit, entry] };
}

function mappingChanged(
  state: CoaState,
  event: RecordedEvent<'CoaMappingChanged'>,
  emit: Emit<VersionOutput>,
): CoaState {
  const { data } = event;
  const differences = differencesOf(ruleTexts(state.mapping), ruleTexts(data));
  const entry: AuditEntry = { changed: 'mapping', version: String(data.version), ...auditStamp(event), ...differences };
  emit({ entry, eventId: event.id, position: event.position, chart: null, mapping: data });
  return { ...state, mapping: data, updatedAt: event.occurredAt, audit: [...state.audit, entry] };
}

const HANDLERS = {
  CoaChanged: chartChanged,
  CoaMappingChanged: mappingChanged,
  OpeningBalancesRecorded: ignore,
  BrokerActivityImported: ignore,
  ActivityUnmapped: ignore,
  AdjustmentBooked: ignore,
  BooksCompared: ignore,
  BooksMismatchFound: ignore,
  BooksMismatchResolved: ignore,
  BrokerFactRefused: ignore,
  ForeignFillBooked: ignore,
  ForeignFillBusted: ignore,
  ForeignOrderSeen: ignore,
  ReconciliationCompleted: ignore,
  ReconciliationMismatchFound: ignore,
  SharesConverted: ignore,
} satisfies Handlers<'accounting', CoaState, VersionOutput>;

/** Every version of the chart of accounts and of the mapping table, and their mirrors as JSON (ACC-1, ACC-16). */
export function coaProjection(options: CoaOptions): Projection {
  const { files } = options;
  return projection<'accounting', CoaState, VersionOutput>({
    name: 'coa',
    // 2: rows are never changed
    version: 3,
    contexts: ['accounting'],
    initial: () => NOTHING,
    handlers: HANDLERS,
    database: { path: options.path, schemaSql: COA_SCHEMA_SQL, write: writeVersions },
    files: {
      claims: [files.coa, files.metadata, files.auditLog, files.mappingTable, `${files.mappingVersions}/*`],
      render: (state) => mirrors(options, state),
      filesOf: ({ mapping }) =>
        mapping === null
          ? []
          : [{ path: `${files.mappingVersions}/mapping_v${String(mapping.version)}.json`, text: pretty(mapping) }],
    },
  });
}

function mirrors(options: CoaOptions, state: CoaState): readonly FileText[] {
  const { files, entity, jurisdiction } = options;
  const { chart, mapping, createdAt, updatedAt, audit } = state;
  const made: FileText[] = [];
  if (chart !== null) {
    const { version, currency, accounts } = chart;
    made.push({ path: files.coa, text: pretty({ version, currency, accounts }) });
    const metadata = {
      currency,
      entity,
      jurisdiction,
      version,
      created_utc: createdAt,
      updated_utc: updatedAt,
      mapping_version: mapping?.version ?? null,
    };
    made.push({ path: files.metadata, text: pretty(metadata) });
  }
  if (mapping !== null) made.push({ path: files.mappingTable, text: pretty(mapping) });
  if (audit.length > 0) made.push({ path: files.auditLog, text: pretty(audit) });
  return made;
}

function writeVersions(tx: ProjectionTx, outputs: readonly VersionOutput[]): void {
  const version = tx.statement('INSERT INTO versions VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  const account = tx.statement('INSERT INTO accounts VALUES (?, ?, ?, ?, ?, ?)');
  const rule = tx.statement('INSERT INTO mapping_rules VALUES (?, ?, ?, ?, ?, ?, ?)');
  const [last] = tx.statement('SELECT coalesce(max(n), 0) AS n FROM versions').all();
  let n = Number(last?.['n'] ?? 0);
  for (const { entry, eventId, position, chart, mapping } of outputs) {
    n += 1;
    version.run(n, entry.changed, entry.version, entry.at, entry.actor, entry.reason, eventId, position);
    for (const { code, name, type, parent, active } of chart?.accounts ?? []) {
      account.run(n, code, name, type, parent, active ? 1 : 0);
    }
    for (const [index, each] of (mapping?.rules ?? []).entries()) {
      rule.run(n, index + 1, each.event, each.purpose, each.symbolPattern, each.debit, each.credit);
    }
  }
}

function auditStamp(event: RecordedEvent<'CoaChanged'> | RecordedEvent<'CoaMappingChanged'>) {
  return { at: event.occurredAt, actor: event.meta.actor, reason: event.data.reason };
}

function accountTexts(accounts: readonly Account[]): ReadonlyMap<string, string> {
  return new Map(
    accounts.map(({ code, name, type, parent, active }) => [code, JSON.stringify([name, type, parent, active])]),
  );
}

/** Rules by what they match; the index is part of the content, since the first match wins. */
function ruleTexts(table: MappingTable | null): ReadonlyMap<string, string> {
  return new Map(
    (table?.rules ?? []).map((rule, index) => [
      `${rule.event}/${rule.purpose}/${rule.symbolPattern}`,
      JSON.stringify([index, rule.debit, rule.credit]),
    ]),
  );
}

function differencesOf(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): Pick<AuditEntry, 'added' | 'altered' | 'removed'> {
  return {
    added: [...after.keys()].filter((key) => !before.has(key)),
    altered: [...after.keys()].filter((key) => before.has(key) && before.get(key) !== after.get(key)),
    removed: [...before.keys()].filter((key) => !after.has(key)),
  };
}

function pretty(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
