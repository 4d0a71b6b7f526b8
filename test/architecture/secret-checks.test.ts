/** @jest-environment ./test/config/sources-environment.mjs */
import { expect, test } from '@jest/globals';
import { readRepositoryFile, repositoryFiles } from './support/source.js';

/** Calls that check a secret which somebody shows. */
const CHECKS = /\.(?:matches|stepOf|ownerOf|useCodeStep|useRecoveryCode)\(|\btokens\.byHash\(|\bresetTokens\.use\(/;
/** Counts each of them. */
const PROOFS = 'src/app/access/proofs.ts';
/** Hands the table of users on. */
const TABLE = 'src/app/access/recorded-users.ts';

test('only one place checks the secrets of users, where each check is counted', () => {
  const files = repositoryFiles().filter((path) => /^src\/(?:app\/access|processes\/web)\/.*\.ts$/.test(path));
  expect(files.filter((path) => CHECKS.test(readRepositoryFile(path)))).toEqual([PROOFS, TABLE]);
});
