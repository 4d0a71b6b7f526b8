import type { StreamName } from '../../events/event.js';
import { printable } from '../../kernel/printable.js';
import type { UtcText } from '../../kernel/time.js';
import type { LogPosition } from './esdb-position.js';
import { createdAt, type EsdbRecord } from './event-record.js';
import { SETTINGS_OF } from './read-request.js';

/** What the server keeps of a stream besides its events; only what matters for a journal. */
export interface StreamSettings {
  readonly stream: StreamName;
  /** Names and values of what hides events, as text. */
  readonly cuts: readonly (readonly [name: string, value: string])[];
  /** True when the stream was deleted in the way that can be undone. */
  readonly deleted: boolean;
  /** Who may read and write; undefined where the default of the server holds. */
  readonly readers: readonly string[] | undefined;
  readonly writers: readonly string[] | undefined;
  /** The stored text. */
  readonly text: string;
  readonly at: UtcText | null;
  readonly serverId: string;
  readonly revision: number;
  readonly position: LogPosition | null;
}

const CUTS = ['$tb', '$maxCount', '$maxAge'] as const;
/** Above every revision: the server writes 2^63 - 1 for a stream that was deleted. */
const DELETED_FROM = Number.MAX_SAFE_INTEGER;
const SHOWN_CHARACTERS = 160;

/** Text of a stranger, safe to show: printable and bounded. */
export function shown(text: string): string {
  const safe = printable(text.slice(0, SHOWN_CHARACTERS * 2));
  return safe.length > SHOWN_CHARACTERS ? `${safe.slice(0, SHOWN_CHARACTERS - 3)}...` : safe;
}

/** True for an event of the stream of settings of another stream. */
export function isSettings(record: Pick<EsdbRecord, 'stream'>): boolean {
  return record.stream.startsWith(SETTINGS_OF);
}

/** The settings that an event holds. Text that is no JSON object sets nothing, as on the server. */
export function settingsOf(record: EsdbRecord): StreamSettings {
  const { data: text, serverId, revision, position } = record;
  const values = objectOf(text);
  const cuts = CUTS.flatMap((name) => {
    const value = values[name];
    return typeof value === 'number' && !(name === '$tb' && value <= 0) ? [[name, String(value)] as const] : [];
  });
  const acl = isObject(values['$acl']) ? values['$acl'] : {};
  return {
    stream: record.stream.slice(SETTINGS_OF.length) as StreamName,
    cuts,
    deleted: Number(values['$tb']) >= DELETED_FROM,
    readers: namesOf(acl['$r']),
    writers: namesOf(acl['$w']),
    ...{ text, at: createdAt(record), serverId, revision, position },
  };
}

/** Whether every reader and writer that the settings name is somebody else for certain. */
export function takesOurRights({ readers, writers }: StreamSettings, user: string | undefined): boolean {
  if (user === undefined) return false;
  return [readers, writers].some((names) => names?.every((name) => name === '$admins' && user !== 'admin') === true);
}

/** The settings without what hides events, and without rights that leave our user out. */
export function withoutHarm(settings: StreamSettings, user: string | undefined): string {
  const values = objectOf(settings.text);
  const kept = Object.entries(values).filter(([name]) => !(CUTS as readonly string[]).includes(name));
  const rest = takesOurRights(settings, user) ? kept.filter(([name]) => name !== '$acl') : kept;
  return JSON.stringify(Object.fromEntries(rest));
}

/** Our user and the administrators read and write; only they delete, cut, or set rights. */
export function ownRights(user: string): string {
  const ours = user === 'admin' ? ['$admins'] : [user, '$admins'];
  return JSON.stringify({ $acl: { $r: ours, $w: ours, $d: ['$admins'], $mr: ours, $mw: ['$admins'] } });
}

function objectOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function namesOf(value: unknown): readonly string[] | undefined {
  if (typeof value === 'string') return [value];
  if (!Array.isArray(value)) return undefined;
  return value.filter((name) => typeof name === 'string');
}
