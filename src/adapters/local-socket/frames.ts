import { dataError, type TradeBotError } from '../../kernel/errors.js';

const HEADER_BYTES = 4;

/** One JSON value as it crosses the socket. */
export function frameOf(value: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(value), 'utf8');
  const frame = Buffer.allocUnsafe(HEADER_BYTES + body.length);
  frame.writeUInt32BE(body.length, 0);
  body.copy(frame, HEADER_BYTES);
  return frame;
}

/** Puts frames together again from the pieces that a socket hands out; holds one frame of at most `largest` bytes. */
export class FrameReader {
  readonly #header = Buffer.alloc(HEADER_BYTES);
  #headerBytes = 0;
  #body: Buffer | undefined;
  #bodyBytes = 0;

  constructor(private readonly largest: number) {}

  /** The values that `chunk` completes. Throws FRAME_TOO_LARGE, FRAME_NOT_JSON; the reader is of no use then. */
  push(chunk: Buffer): readonly unknown[] {
    const values: unknown[] = [];
    for (let at = 0; at < chunk.length;) {
      at += this.#body === undefined ? this.#takeHeader(chunk, at) : this.#takeBody(this.#body, chunk, at);
      if (this.#body !== undefined && this.#bodyBytes === this.#body.length) {
        values.push(valueOf(this.#body));
        [this.#body, this.#headerBytes, this.#bodyBytes] = [undefined, 0, 0];
      }
    }
    return values;
  }

  #takeHeader(chunk: Buffer, at: number): number {
    const taken = chunk.copy(this.#header, this.#headerBytes, at, at + HEADER_BYTES - this.#headerBytes);
    this.#headerBytes += taken;
    if (this.#headerBytes < HEADER_BYTES) return taken;
    const length = this.#header.readUInt32BE(0);
    if (length > this.largest) throw tooLarge(length, this.largest);
    this.#body = Buffer.alloc(length);
    return taken;
  }

  #takeBody(body: Buffer, chunk: Buffer, at: number): number {
    const taken = chunk.copy(body, this.#bodyBytes, at, at + body.length - this.#bodyBytes);
    this.#bodyBytes += taken;
    return taken;
  }
}

function valueOf(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw dataError({
      code: 'FRAME_NOT_JSON',
      message: `${body.length} bytes on the local socket are no JSON in UTF-8`,
      remedy: 'Only the tradebot commands of the same version speak on this socket.',
    });
  }
}

function tooLarge(length: number, largest: number): TradeBotError {
  return dataError({
    code: 'FRAME_TOO_LARGE',
    message: `${length} bytes are announced on the local socket, of at most ${largest}`,
    remedy: 'Ask for less at a time.',
  });
}
