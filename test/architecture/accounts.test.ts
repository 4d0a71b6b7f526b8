/** @jest-environment ./test/config/sources-environment.mjs */
import { describe, expect, test } from '@jest/globals';
import { accountCodes } from './support/account-rules.js';
import { parseSource, readRepositoryFile, repositoryFiles, sourcesUnder } from './support/source.js';

const CHART = 'src/domain/accounting/coa.ts';

describe('accounts are identified by their role', () => {
  const found = (text: string): readonly string[] =>
    accountCodes(parseSource('src/app/a.ts', text)).map((item) => item.text);

  test.each([
    ["const cash = balances.get('1030');", ['1030']],
    ['const sql = `SELECT * FROM legs WHERE account_code IN ("4060", "4070")`;', ['4060', '4070']],
    ["const example = 'account:1030';", ['1030']],
    ["const top = '1000';", ["'1000'"]],
    ['/** Broker cash, account 1030. */', ['1030']],
  ])('%s names an account', (text, codes) => {
    expect(found(text)).toEqual(codes);
  });

  test('numbers, names and standards are not accounts', () => {
    expect(found("import 'ajv/dist/2020.js'; const ms = 1000; const d = '2010-01-05'; // RFC 9110")).toEqual([]);
  });

  test('only the chart names accounts by their code', () => {
    const others = sourcesUnder(['src', 'projections']).filter(({ path }) => path !== CHART);
    expect(others.flatMap(accountCodes)).toEqual([]);
    expect(
      sourcesUnder(['src'])
        .filter(({ path }) => path === CHART)
        .flatMap(accountCodes),
    ).not.toEqual([]);
  });

  test('the READMEs also name accounts by role', () => {
    const readmes = repositoryFiles().filter((path) => /^(src|projections)\/.*README\.md$/.test(path));
    const texts = readmes.map((path) => ({ path, lines: readRepositoryFile(path).split('\n') }));
    expect(texts.flatMap(accountCodes)).toEqual([]);
  });
});
