/** @jest-environment ./test/config/sources-environment.mjs */
import { describe, expect, test } from '@jest/globals';
import { parseSource, sourcesUnder } from './support/source.js';
import { stateLists } from './support/state-rules.js';

const findings = (text: string, path = 'src/app/a.ts'): readonly string[] =>
  stateLists(parseSource(path, text)).map((item) => item.text);

describe('bot states are listed in one table', () => {
  test.each([
    ["const AT_REST = ['stopped', 'error'];", 'a list of 2 bot states'],
    ["if (['idle', 'trading', 'other'].includes(state)) f();", 'a list of 2 bot states'],
    ["const A = new Set(['idle', 'stopped']);", 'a list of 2 bot states'],
    ['const A = { idle: 1, trading: 2, analyzing: 3, stopped: 4, error: 5 };', 'a mapping of 5 bot states'],
  ])('the rule finds %s', (text, wanted) => {
    expect(findings(text)).toEqual([wanted]);
  });

  test.each([
    "const A = ['error', 'close'];",
    "if (state === 'error') f();",
    "const A = { stopped: 'it stands still' };",
    "switch (state) { case 'stopped': case 'error': f(); }",
  ])('the rule accepts %s', (text) => {
    expect(findings(text)).toEqual([]);
  });

  test('the table itself is accepted', () => {
    expect(findings("const A = ['stopped', 'error'];", 'src/domain/lifecycle/bot-state.ts')).toEqual([]);
  });

  test('no other source lists bot states', () => {
    expect(sourcesUnder(['src', 'projections']).flatMap(stateLists)).toEqual([]);
  });
});
