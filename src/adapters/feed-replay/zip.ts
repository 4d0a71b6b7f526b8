import { crc32, inflateRawSync } from 'node:zlib';
import { dataError, type TradeBotError } from '../../kernel/errors.js';

const END_SIGNATURE = 0x06054b50;
const END64_SIGNATURE = 0x06064b50;
const END64_LOCATOR_SIGNATURE = 0x07064b50;
const CENTRAL_SIGNATURE = 0x02014b50;
const LOCAL_SIGNATURE = 0x04034b50;
const END_SIZE = 22;
const END64_SIZE = 56;
const END64_LOCATOR_SIZE = 20;
const CENTRAL_SIZE = 46;
const LOCAL_SIZE = 30;
const SLASH = 0x2f;
const LONGEST_COMMENT = 0xffff;
const STORED = 0;
const DEFLATED = 8;
const ENCRYPTED = 1;
/** Marks a figure that did not fit, or that was put into a ZIP64 extra field anyway (as in QuantConnect's files). */
const IN_ZIP64 = 0xffffffff;
const IN_ZIP64_SHORT = 0xffff;
const ZIP64_EXTRA = 0x0001;
/** A day of minutes is below 200 kB and twenty years of days below 1 MB: larger content is damage or an attack. */
const MOST_BYTES = 128 * 1024 * 1024;

/** Why a file of this name is not the one that belongs into the zip; undefined when nothing contradicts. */
export type NameCheck = (name: string) => string | undefined;

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly flags: number;
  readonly crc: number;
  readonly packedSize: number;
  readonly size: number;
  readonly localAt: number;
  readonly isFolder: boolean;
}

/**
 * The one file inside a zip, inflated and verified by its CRC-32 (PKWARE APPNOTE 4.3). The sizes are those of the
 * central directory. Throws DATA_ZIP_CORRUPT, naming `path`, for anything but a complete, plain zip with one file, and
 * DATA_ZIP_OTHER_CONTENT when the file has the name of other data.
 */
export function unzipSingle(bytes: Uint8Array, path: string, checkName: NameCheck = () => undefined): Uint8Array {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const files = centralDirectory(view, path).filter((entry) => !entry.isFolder);
  const [entry] = files;
  if (entry === undefined) throw corrupt(path, 'it contains no file');
  if (files.length > 1) throw corrupt(path, `it contains ${files.length} files instead of one`);
  const why = checkName(entry.name);
  if (why !== undefined) throw otherContent(path, entry.name, why);
  return inflated(view, entry, path);
}

function centralDirectory(view: Buffer, path: string): Entry[] {
  if (view.length === 0) throw corrupt(path, 'it is empty');
  const end = findEnd(view);
  if (end === undefined) throw corrupt(path, 'it has no zip directory: it is truncated, or not a zip file');
  const { count, from } = directoryPlace(view, end, path);
  const entries: Entry[] = [];
  let at = from;
  for (let index = 0; index < count; index += 1) {
    if (at + CENTRAL_SIZE > end || view.readUInt32LE(at) !== CENTRAL_SIGNATURE) {
      throw corrupt(path, 'its directory is damaged');
    }
    const nameEnd = at + CENTRAL_SIZE + view.readUInt16LE(at + 28);
    const extraEnd = nameEnd + view.readUInt16LE(at + 30);
    if (extraEnd > end) throw corrupt(path, 'its directory is damaged');
    const wide = zip64Figures(view.subarray(nameEnd, extraEnd));
    const figure = (offset: number): number => {
      const short = view.readUInt32LE(at + offset);
      return short === IN_ZIP64 ? (wide.shift() ?? Infinity) : short;
    };
    // The order of the extra field: size, packed size, offset.
    const [size, packedSize, localAt] = [figure(24), figure(20), figure(42)];
    entries.push({
      name: view.toString('utf8', at + CENTRAL_SIZE, nameEnd),
      flags: view.readUInt16LE(at + 8),
      method: view.readUInt16LE(at + 10),
      crc: view.readUInt32LE(at + 16),
      packedSize,
      size,
      localAt,
      isFolder: view[nameEnd - 1] === SLASH,
    });
    at = extraEnd + view.readUInt16LE(at + 32);
  }
  return entries;
}

function directoryPlace(view: Buffer, end: number, path: string): { readonly count: number; readonly from: number } {
  const count = view.readUInt16LE(end + 10);
  const from = view.readUInt32LE(end + 16);
  if (count !== IN_ZIP64_SHORT && from !== IN_ZIP64) return { count, from };
  const locator = end - END64_LOCATOR_SIZE;
  const end64 =
    locator >= 0 && view.readUInt32LE(locator) === END64_LOCATOR_SIGNATURE
      ? Number(view.readBigUInt64LE(locator + 8))
      : Infinity;
  if (end64 + END64_SIZE > view.length || view.readUInt32LE(end64) !== END64_SIGNATURE) {
    throw corrupt(path, 'its ZIP64 directory is damaged');
  }
  return { count: Number(view.readBigUInt64LE(end64 + 32)), from: Number(view.readBigUInt64LE(end64 + 48)) };
}

/** The 64-bit figures of a ZIP64 extra field, in order; none when there is no such field. */
function zip64Figures(extra: Buffer): number[] {
  for (let at = 0; at + 4 <= extra.length;) {
    const length = extra.readUInt16LE(at + 2);
    const to = Math.min(at + 4 + length, extra.length);
    if (extra.readUInt16LE(at) === ZIP64_EXTRA) {
      const figures: number[] = [];
      for (let field = at + 4; field + 8 <= to; field += 8) figures.push(Number(extra.readBigUInt64LE(field)));
      return figures;
    }
    at += 4 + length;
  }
  return [];
}

/** The end record is at the end, before a comment of at most 64 kB. */
function findEnd(view: Buffer): number | undefined {
  const last = view.length - END_SIZE;
  for (let at = last; at >= 0 && at >= last - LONGEST_COMMENT; at -= 1) {
    if (view.readUInt32LE(at) === END_SIGNATURE) return at;
  }
  return undefined;
}

function inflated(view: Buffer, entry: Entry, path: string): Uint8Array {
  const { localAt, packedSize, size } = entry;
  if ((entry.flags & ENCRYPTED) !== 0) throw corrupt(path, 'it is encrypted');
  if (size > MOST_BYTES) throw corrupt(path, 'its declared size is too large');
  if (localAt + LOCAL_SIZE > view.length || view.readUInt32LE(localAt) !== LOCAL_SIGNATURE) {
    throw corrupt(path, 'its directory points to no file');
  }
  const from = localAt + LOCAL_SIZE + view.readUInt16LE(localAt + 26) + view.readUInt16LE(localAt + 28);
  if (from + packedSize > view.length) throw corrupt(path, 'its content is truncated');
  const content = unpack(view.subarray(from, from + packedSize), entry, path);
  if (content.length !== size || crc32(content) !== entry.crc)
    throw corrupt(path, 'its content fails the CRC-32 check');
  return content;
}

function unpack(packed: Buffer, entry: Entry, path: string): Uint8Array {
  if (entry.method === STORED) return packed;
  if (entry.method !== DEFLATED) throw corrupt(path, `it uses compression method ${entry.method}`);
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, entry.size) });
  } catch (error) {
    throw corrupt(path, 'its content cannot be inflated', error);
  }
}

function otherContent(path: string, name: string, why: string): TradeBotError {
  return dataError({
    code: 'DATA_ZIP_OTHER_CONTENT',
    message: `${path} contains ${JSON.stringify(name.slice(0, 80))}: ${why}`,
    remedy: 'Put the file of this symbol, day and kind there, or omit its day or symbol.',
  });
}

function corrupt(path: string, why: string, cause?: unknown): TradeBotError {
  return dataError({
    code: 'DATA_ZIP_CORRUPT',
    message: `${path} is not a usable zip: ${why}`,
    remedy: 'Fetch the file again, or omit its day or symbol.',
    ...(cause === undefined ? {} : { cause }),
  });
}
