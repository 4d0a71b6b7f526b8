import { DEFAULT_COA } from '../../../src/domain/accounting/coa.js';
import type { Finding, Source } from './source.js';

/** Codes that always mean an account; those of whole branches are round numbers and ambiguous. */
const ACCOUNTS = DEFAULT_COA.accounts.filter(({ parent }) => parent !== null).map(({ code }) => code);
const BRANCHES = DEFAULT_COA.accounts.filter(({ parent }) => parent === null).map(({ code }) => code);

/** A code by itself: no part of a number, a name, a path or a standard's number. */
const ACCOUNT = new RegExp(`(?<![\\w./$-])(?<!RFC )(?:${ACCOUNTS.join('|')})(?![\\w/-]|\\.\\w)`, 'g');
const BRANCH = new RegExp(`['"\`](?:${BRANCHES.join('|')})['"\`]`, 'g');

/** Codes of accounts in code, texts and comments: they belong to the chart alone, all others speak of roles. */
export function accountCodes(source: Pick<Source, 'path' | 'lines'>): readonly Finding[] {
  return source.lines.flatMap((line, index) =>
    [...line.matchAll(ACCOUNT), ...line.matchAll(BRANCH)].map(([code]) => ({
      path: source.path,
      line: index + 1,
      text: code,
    })),
  );
}
