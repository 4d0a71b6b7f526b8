import { expect, test } from '@jest/globals';
import { reportError } from '../../../src/processes/cli/errors.js';

function reported(thrown: unknown): readonly [number, string] {
  const lines: string[] = [];
  const output = { json: false, error: (line: string) => lines.push(line) };
  return [reportError(thrown, { output, environment: { debug: false } } as never), lines.join('\n')];
}

const systemError = (code: string, message: string): Error => Object.assign(new Error(message), { code });

test.each([
  ['ENOSPC', /^no room, write \(ENOSPC\)\. Free space on the disk of the home/],
  ['SQLITE_FULL', /\(SQLITE_FULL\)\. Free space on the disk of the home/],
  ['EROFS', /\(EROFS\)\. Check the disk of the home/],
] as const)('a fault of the disk (%s) is no defect of ours: it says what to do', (code, line) => {
  expect(reported(systemError(code, 'no room, write'))).toEqual([1, expect.stringMatching(line)]);
});

test('anything else that we do not know is a defect of ours', () => {
  expect(reported(new TypeError('x is not a function'))).toEqual([2, expect.stringContaining('(INTERNAL)')]);
});
