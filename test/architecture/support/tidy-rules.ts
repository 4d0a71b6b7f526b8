import ts from 'typescript';
import { everyNode, finding, lineOf, type Finding, type Source } from './source.js';

export const LIMITS = { functionLines: 70, fileLines: 400, constructorParameters: 5 } as const;

/** Sizes that may only shrink (design: ratchet). */
export function sizeFindings(source: Source): readonly Finding[] {
  const found: Finding[] = [];
  const lines = source.lines.length - 1;
  if (lines > LIMITS.fileLines) found.push({ path: source.path, line: 1, text: `${lines} lines` });
  everyNode(source, (node) => {
    if (ts.isConstructorDeclaration(node) && node.parameters.length > LIMITS.constructorParameters) {
      found.push(finding(source, node, `constructor with ${node.parameters.length} parameters`));
    }
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined) {
      const last = source.ast.getLineAndCharacterOfPosition(node.getEnd()).line + 1;
      const size = last - lineOf(source, node) + 1;
      if (size > LIMITS.functionLines) found.push(finding(source, node, `function of ${size} lines`));
    }
  });
  return found;
}

// Written in pieces so that this file does not find itself.
const LEFT_OVERS = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'HA' + 'CK'].join('|')})\\b`);
const SILENCERS = new RegExp(
  ['@ts-' + 'ignore', '@ts-' + 'nocheck', 'eslint-' + 'disable', 'prettier-' + 'ignore'].join('|'),
);
const DEAD_CODE = /^\s*\/\/ ?(const|let|if \(|return |import |export |await |\}).*[;{}]\s*$/;

/** Notes to self, silenced tools and code in comments. */
export function leftOvers(source: Source): readonly Finding[] {
  return source.lines.flatMap((text, at) =>
    LEFT_OVERS.test(text) || SILENCERS.test(text) || DEAD_CODE.test(text)
      ? [{ path: source.path, line: at + 1, text: text.trim().slice(0, 80) }]
      : [],
  );
}

export function anyTypes(source: Source): readonly Finding[] {
  const found: Finding[] = [];
  everyNode(source, (node) => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) found.push(finding(source, node, 'the type that turns types off'));
  });
  return found;
}

const MACHINE = /(^|[^\w.~])\/(w[o]rk|r[o]ot|Us[e]rs)\/|\b(n[p]mjs|d[e]bian)\.(org|com)/;

/** Paths of one machine and hosts of one network. */
export function machinePlaces(path: string, text: string): readonly Finding[] {
  return text
    .split('\n')
    .flatMap((line, at) => (MACHINE.test(line) ? [{ path, line: at + 1, text: line.trim().slice(0, 80) }] : []));
}

// Written in pieces, as above.
const DIALECT = new RegExp(
  `\\b(${[
    'to' + 'ld',
    'te' + 'lls?',
    'an' + 'ew',
    'who' + 'ever',
    'me' + 'nd(s|ed)?',
    'go(es|ing)? ' + 'on',
    'went ' + 'on',
    '(taken|takes?) ' + 'up',
    'fe' + 'lt',
    'dear' + 'er',
    'cheap' + 'er',
    'be' + 'side',
    'ends ' + 'by',
    'the fate ' + 'of',
    'a place ' + 'for',
    'what ' + 'came of',
  ].join('|')})\\b`,
  'i',
);

const PURPOSE_IN_TITLE = new RegExp(`^\\s*(describe|test)\\w*(\\.\\w+)?\\(['"\`].*\\bso ` + `that\\b`);

/** Words of a private dialect, for which traders and engineers have plain ones. */
export function dialectWords(path: string, text: string): readonly Finding[] {
  return text
    .split('\n')
    .flatMap((line, at) =>
      DIALECT.test(line) || PURPOSE_IN_TITLE.test(line) ? [{ path, line: at + 1, text: line.trim().slice(0, 80) }] : [],
    );
}
