import { USER_ACTIONS, type UsersRequest } from '../../app/access/user-requests.js';
import type { AdjustRequest } from '../../app/manual-entries/adjusting-entry.js';
import type { BookTask } from '../../app/book-tasks/book-task.js';
import { EXPORT_FORMATS } from '../../app/exports/export-books.js';
import { wantedExport, type WantedExport } from '../../app/exports/wanted-export.js';
import { FLOAT_DIRECTIONS, type FloatRequest } from '../../app/manual-entries/float-entry.js';
import { CONFIRMATION_TAKES, type ConfirmationRequest } from '../../app/manual-entries/entry-confirmation.js';
import type { MismatchRequest } from '../../app/manual-entries/mismatch-resolution.js';
import type { InverseEtfsRequest } from '../../app/settings/inverse-etfs.js';
import type { StreamDecision } from '../../app/streams/acknowledge.js';
import { TAKES } from '../../trading/reconciliation/resolve-mismatch.js';
import { ROLES } from '../../domain/access/roles.js';
import { PROTECTIONS, type ResetRequest } from '../../domain/risk/protections.js';
import { RequestFields } from './request-fields.js';

/**
 * What a command asks of the running bot through the local socket. `parseLocalRequest` has an entry for each; a new one
 * gets its answer in src/processes/main/local-requests.ts.
 */
export type LocalRequest =
  | { readonly ask: 'float'; readonly request: FloatRequest }
  | { readonly ask: 'adjust'; readonly request: AdjustRequest }
  | { readonly ask: 'users'; readonly request: UsersRequest }
  | { readonly ask: 'mismatch'; readonly request: MismatchRequest }
  | { readonly ask: 'confirm-entry'; readonly request: ConfirmationRequest }
  | { readonly ask: 'reset'; readonly request: ResetRequest }
  | { readonly ask: 'acknowledge-stream'; readonly request: Pick<StreamDecision, 'stream' | 'reason'> }
  | { readonly ask: 'inverse-etfs'; readonly request: InverseEtfsRequest }
  | { readonly ask: 'settings'; readonly request: SettingsRequest }
  | { readonly ask: 'keys'; readonly request: KeysRequest }
  | { readonly ask: 'books'; readonly request: BookTask }
  /** Builds the universe; answered when the build has begun. */
  | { readonly ask: 'universe'; readonly request: Readonly<Record<string, never>> };

/** Changes of settings by key, and pending ones to withdraw. */
export interface SettingsRequest {
  readonly changes: Readonly<Record<string, string>>;
  readonly withdraw: readonly string[];
  /** A person confirmed that no strategy can trade with them. */
  readonly confirmNoTrading: boolean;
  readonly reason: string;
}

const KEY_ACTIONS = ['rotate', 'destroy-earlier'] as const;
export type KeyAction = (typeof KEY_ACTIONS)[number];

/** New keys for the vault, with or without its earlier generations. */
export interface KeysRequest {
  readonly action: KeyAction;
  readonly reason: string;
}

type Ask = LocalRequest['ask'];
type RequestOf<A extends Ask> = Extract<LocalRequest, { readonly ask: A }>['request'];

const REQUESTS: { readonly [A in Ask]: (fields: RequestFields) => RequestOf<A> } = {
  float: (fields) => ({
    direction: fields.choice('direction', FLOAT_DIRECTIONS),
    amount: fields.text('amount'),
    reason: fields.text('reason'),
    requestId: fields.text('requestId'),
  }),
  adjust: (fields) => ({
    settles: fields.textOrNull('settles'),
    symbol: fields.textOrNull('symbol'),
    side: fields.textOrNull('side'),
    quantity: fields.textOrNull('quantity'),
    price: fields.textOrNull('price'),
    cash: fields.textOrNull('cash'),
    account: fields.textOrNull('account'),
    at: fields.textOrNull('at'),
    reason: fields.text('reason'),
    requestId: fields.text('requestId'),
  }),
  'confirm-entry': (fields) => ({
    signalId: fields.text('signalId'),
    take: fields.choice('take', CONFIRMATION_TAKES),
    reason: fields.text('reason'),
    requestId: fields.text('requestId'),
  }),
  mismatch: (fields) => ({
    mismatchId: fields.text('mismatchId'),
    take: fields.choice('take', TAKES),
    price: fields.textOrNull('price'),
    against: fields.textOrNull('against'),
    entryId: fields.textOrNull('entryId'),
    until: fields.textOrNull('until'),
    reason: fields.text('reason'),
    requestId: fields.text('requestId'),
  }),
  users: (fields) => ({
    action: fields.choice('action', USER_ACTIONS),
    name: fields.textOrNull('name'),
    role: fields.choiceOrNull('role', ROLES),
    email: fields.textOrNull('email'),
    password: fields.textOrNull('password'),
    reason: fields.textOrNull('reason'),
  }),
  reset: (fields) => ({ what: fields.choice('what', PROTECTIONS), reason: fields.text('reason') }),
  'acknowledge-stream': (fields) => ({ stream: fields.text('stream'), reason: fields.text('reason') }),
  settings: (fields) => ({
    changes: fields.texts('changes'),
    withdraw: fields.list('withdraw'),
    confirmNoTrading: fields.flag('confirmNoTrading'),
    reason: fields.text('reason'),
  }),
  'inverse-etfs': (fields) => ({
    version: fields.text('version'),
    entries: fields.texts('entries'),
    reason: fields.text('reason'),
  }),
  keys: (fields) => ({ action: fields.choice('action', KEY_ACTIONS), reason: fields.text('reason') }),
  books: bookTaskOf,
  universe: () => ({}),
};

const KINDS = ['export', 'seal', 'rebuild', 'check', 'verify', 'backup'] as const;
const RANGES = ['last session', 'session', 'range'] as const;

/** Checks a task of the books that another process asks for. Throws BAD_LOCAL_REQUEST, BAD_RANGE. */
export function parseBookTask(value: unknown): BookTask {
  return bookTaskOf(new RequestFields(value));
}

function bookTaskOf(fields: RequestFields): BookTask {
  const kind = fields.choice('kind', KINDS);
  if (kind === 'rebuild' || kind === 'check') return { kind, name: fields.text('name') };
  if (kind !== 'export') return { kind };
  return { kind, format: fields.choice('format', EXPORT_FORMATS), wanted: wantedOf(fields.part('wanted')) };
}

function wantedOf(fields: RequestFields): WantedExport {
  const kind = fields.choice('kind', RANGES);
  if (kind === 'last session') return { kind };
  const asked =
    kind === 'session' ? { session: fields.text('date') } : { from: fields.text('from'), to: fields.text('to') };
  return wantedExport(asked);
}

/** Checks what came over the local socket. Throws BAD_LOCAL_REQUEST. */
export function parseLocalRequest(value: unknown): LocalRequest {
  const fields = new RequestFields(value);
  const ask = fields.choice('ask', Object.keys(REQUESTS) as readonly Ask[]);
  return { ask, request: REQUESTS[ask](fields.part('request')) } as LocalRequest;
}
