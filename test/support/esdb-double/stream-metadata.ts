/** Who may do what with a stream: names of users or groups; `$all` is everybody. */
export interface StreamAcl {
  readonly $r?: string | readonly string[];
  readonly $w?: string | readonly string[];
  readonly $d?: string | readonly string[];
  readonly $mr?: string | readonly string[];
  readonly $mw?: string | readonly string[];
}

/** The metadata of a stream, as events of type `$metadata` in the stream `$$<name>` hold them. */
export interface StreamMetadata {
  readonly $maxCount?: number;
  /** In seconds. */
  readonly $maxAge?: number;
  /** The first revision that is visible. */
  readonly $tb?: number;
  readonly $acl?: StreamAcl;
  readonly [key: string]: unknown;
}

/** `$tb` of a stream that was deleted but not for good: the highest revision there is. */
const DELETED_TB = '9223372036854775807';

/** Metadata that are no JSON object count as none, as on a server. */
export function parseMetadata(text: string): StreamMetadata {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? (parsed as StreamMetadata) : {};
  } catch {
    return {};
  }
}

export function isSoftDeleted({ $tb }: StreamMetadata): boolean {
  return $tb !== undefined && $tb > Number.MAX_SAFE_INTEGER;
}

/** The text of the metadata of a stream that is deleted: JSON numbers of JavaScript cannot hold its `$tb`. */
export function softDeletedText(metadata: StreamMetadata): string {
  return JSON.stringify({ ...metadata, $tb: '?' }).replace('"$tb":"?"', `"$tb":${DELETED_TB}`);
}

export function metastreamOf(stream: string): string {
  return `$$${stream}`;
}

/** The stream whose metadata a stream holds; undefined for an ordinary stream. */
export function streamOfMetastream(name: string): string | undefined {
  return name.startsWith('$$') ? name.slice(2) : undefined;
}
