import { statfsSync } from 'node:fs';
import { SWC_OPTIONS } from '../../src/processes/cli/setup.mjs';
import { joinedPackages } from './packages.mjs';

const IN_MEMORY = '/dev/shm';
const NEEDED_BYTES = 2_000_000_000;

/** Homes of tests lie in memory where it has room for them: a test of order and content does not wait for a disk. */
function hasRoom(folder) {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize > NEEDED_BYTES;
  } catch {
    return false;
  }
}

// The workers of jest and `tmpdir()` in them follow it.
if (process.env.TMPDIR === undefined && hasRoom(IN_MEMORY)) process.env.TMPDIR = IN_MEMORY;

/** A default import is the whole of a package, as Node has it. */
const COMMONJS = { type: 'commonjs', importInterop: 'node' };

/**
 * swc strips the types of a source, which `tsc` checks in `npm run check`, and makes it a CommonJS module: V8 keeps what it
 * compiled of one for the next file of tests, and of an ES module of `node:vm` nothing.
 */
export default {
  rootDir: '../..',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/soak/'],
  testEnvironment: 'node',
  runtime: '<rootDir>/test/config/runtime.mjs',
  testSequencer: '<rootDir>/test/config/sequencer.mjs',
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    ...(await joinedPackages()),
    '^typescript$': '<rootDir>/test/config/typescript.cjs',
  },
  transform: {
    '^.+\\.ts$': ['@swc/jest', { ...SWC_OPTIONS, module: COMMONJS, sourceMaps: 'inline' }],
  },
  coverageProvider: 'v8',
  // Twice the cores of a small machine: a test of a whole bot mostly waits.
  maxWorkers: 4,
  // Only for what hangs: a machine under load may take many times as long as a quiet one.
  testTimeout: 300_000,
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/output/', '<rootDir>/storage/'],
};
