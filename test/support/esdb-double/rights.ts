import type { DoubleStore } from './store.js';
import { parseMetadata, streamOfMetastream, type StreamAcl } from './stream-metadata.js';

export interface DoubleUser {
  readonly name: string;
  readonly password: string;
  /** `$admins` may do everything. */
  readonly groups: readonly string[];
}

/** What a call asks of a stream: read, write, delete; `mr` and `mw` are reading and writing its metadata. */
export type Deed = 'r' | 'w' | 'd' | 'mr' | 'mw';

const ADMINS = '$admins';
const EVERYBODY = '$all';
const USER_STREAMS: StreamAcl = { $r: EVERYBODY, $w: EVERYBODY, $d: EVERYBODY, $mr: EVERYBODY, $mw: EVERYBODY };
const SYSTEM_STREAMS: StreamAcl = { $r: ADMINS, $w: ADMINS, $d: ADMINS, $mr: ADMINS, $mw: ADMINS };

/** The user whom an authorization header names; undefined for nobody, `refused` for a wrong name or password. */
export function userOf(users: readonly DoubleUser[], header: string | undefined): DoubleUser | undefined | 'refused' {
  if (header === undefined) return undefined;
  const given = Buffer.from(header.replace(/^Basic /i, ''), 'base64').toString('utf8');
  return users.find(({ name, password }) => given === `${name}:${password}`) ?? 'refused';
}

/**
 * Whether a user may do something with a stream: the stream's `$acl`, else the default of the stream `$settings`, else
 * that of the server, by which system streams and `$all` belong to the administrators.
 */
export function mayDo(store: DoubleStore, user: DoubleUser | undefined, deed: Deed, stream: string): boolean {
  const roles = [EVERYBODY, ...(user === undefined ? [] : [user.name, ...user.groups])];
  if (roles.includes(ADMINS)) return true;
  const of = streamOfMetastream(stream);
  if (of !== undefined) return mayDo(store, user, deed === 'r' || deed === 'mr' ? 'mr' : 'mw', of);
  const granted = store.metadataOf(stream).$acl?.[`$${deed}`] ?? defaultAcl(store, stream)[`$${deed}`] ?? [];
  return [granted].flat().some((role) => roles.includes(role));
}

function defaultAcl(store: DoubleStore, stream: string): StreamAcl {
  const text = store.stream('$settings')?.at(-1)?.data.toString('utf8') ?? '{}';
  const settings = parseMetadata(text);
  return stream.startsWith('$')
    ? { ...SYSTEM_STREAMS, ...(settings['$systemStreamAcl'] as StreamAcl | undefined) }
    : { ...USER_STREAMS, ...(settings['$userStreamAcl'] as StreamAcl | undefined) };
}
