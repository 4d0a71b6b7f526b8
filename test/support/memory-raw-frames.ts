import { sha256Hex, type Sha256Hex } from '../../src/kernel/hash.js';
import type { RawFrame, RawFrames } from '../../src/ports/raw-frames.js';

/** Frames in memory, by their digest. */
export class MemoryRawFrames implements RawFrames {
  readonly frames = new Map<Sha256Hex, RawFrame>();

  keep(frame: RawFrame): Sha256Hex {
    const digest = sha256Hex(frame.text);
    this.frames.set(digest, frame);
    return digest;
  }
}
