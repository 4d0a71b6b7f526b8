import { sha256Hex } from '../../src/kernel/hash.js';
import type { MarketRecorder } from '../../src/ports/market-recorder.js';

/** Keeps no market data. */
export const NO_RECORDER: MarketRecorder = {
  begin: () => ({
    add: () => undefined,
    finish: () => ({ name: 'none', bars: 0, quotes: 0, sha256: sha256Hex('') }),
  }),
};
