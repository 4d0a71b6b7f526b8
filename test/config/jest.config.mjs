import { SWC_OPTIONS } from '../../src/processes/cli/setup.mjs';

/** Jest runs the TypeScript sources as ES modules; swc only strips types, `tsc` checks them in `npm run check`. */
export default {
  rootDir: '../..',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/soak/'],
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    // One file instead of 223 for each suite that follows a journal.
    '^rxjs$': '<rootDir>/node_modules/rxjs/dist/bundles/rxjs.umd.js',
    '^typescript$': '<rootDir>/test/config/typescript.mjs',
  },
  transform: {
    '^.+\\.ts$': ['@swc/jest', { ...SWC_OPTIONS, sourceMaps: 'inline' }],
  },
  coverageProvider: 'v8',
  maxWorkers: 2,
  // Only for what hangs: a machine under load may take many times as long as a quiet one.
  testTimeout: 300_000,
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/output/', '<rootDir>/storage/'],
};
