import { sha256Hex } from '../../src/kernel/hash.js';
import type { MarketRecorder } from '../../src/ports/market-recorder.js';

/** Keeps no market data. */
export const NO_RECORDER: MarketRecorder = {
  begin: () => ({
    earlier: { minutes: [], findings: {} },
    fault: undefined,
    add: () => undefined,
    done: () => undefined,
    finish: () => ({ name: 'none', bars: 0, quotes: 0, sha256: sha256Hex('') }),
  }),
};
