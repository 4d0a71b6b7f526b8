import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Need } from './needs.js';

/** Public files that may lie next to the repository and are no part of it. */
const SHARED = fileURLToPath(new URL('../../../shared', import.meta.url));
/** Set to 1, the tests behave as in a clone that stands alone. */
const STANDS_ALONE = process.env['TRADEBOT_TEST_WITHOUT_SHARED'] === '1';

/** A file or folder below `shared`, and where it is. */
export interface SharedFiles extends Need {
  readonly path: string;
}

/** Files next to the repository as something that a test needs; `probe` must exist below `path`. */
function sharedFiles(name: string, path: string, probe = ''): SharedFiles {
  const whole = join(SHARED, path);
  return { name, path: whole, isHere: !STANDS_ALONE && existsSync(join(whole, probe)) };
}

/** Recorded market data in QuantConnect's zip layout. */
export const marketData = sharedFiles('recorded market data', 'data/lean', 'equity/usa/minute');
/** Test vectors of the Fernet specification. */
export const fernetVectors = sharedFiles('the Fernet vectors', 'reference/fernet-vectors', 'generate.json');
/** Document type definitions and XML schemas of OFX. */
export const ofxSchemas = sharedFiles('the OFX schemas', 'reference/ofx-schema', 'ofx201.dtd');
