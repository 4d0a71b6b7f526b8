import { dataError } from '../../kernel/errors.js';

const HEADER_BYTES = 4;
/** The largest frame that the client of the vendor takes. */
const LARGEST_FRAME = 0xffffff;

/** Puts the frames of the gateway together again from the pieces that a socket hands out: four bytes of length, then text. */
export class GatewayFrameReader {
  #pieces: Buffer[] = [];
  #bytes = 0;

  /** The texts that `chunk` completes. @throws DataError GATEWAY_FRAME; the connection is of no use then. */
  push(chunk: Buffer): readonly string[] {
    this.#pieces.push(chunk);
    this.#bytes += chunk.length;
    const texts: string[] = [];
    for (let next = this.#take(); next !== undefined; next = this.#take()) texts.push(next);
    return texts;
  }

  #take(): string | undefined {
    if (this.#bytes < HEADER_BYTES) return undefined;
    const first = this.#pieces[0];
    const head = first !== undefined && first.length >= HEADER_BYTES ? first : this.#joined();
    const length = head.readInt32BE(0);
    if (length <= 0 || length > LARGEST_FRAME) throw badFrame(length);
    if (this.#bytes < HEADER_BYTES + length) return undefined;
    const all = this.#joined();
    const end = HEADER_BYTES + length;
    this.#pieces = all.length === end ? [] : [all.subarray(end)];
    this.#bytes -= end;
    return all.toString('utf8', HEADER_BYTES, end);
  }

  #joined(): Buffer {
    const only = this.#pieces.length === 1 ? this.#pieces[0] : undefined;
    const all = only ?? Buffer.concat(this.#pieces);
    this.#pieces = [all];
    return all;
  }
}

function badFrame(length: number): Error {
  return dataError({
    code: 'GATEWAY_FRAME',
    message: `a frame of ${length} bytes came from the gateway; 1 to ${LARGEST_FRAME} are possible`,
    remedy: 'Check that the address is that of TWS or IB Gateway. The connection is made again.',
  });
}
