import ts from 'typescript';
import { everyNode, finding, type Finding, type Source } from './source.js';

/** Where the names of strategies may be written: their rules, the list of them, and the keys that one has alone. */
const HOMES = ['src/strategies/', 'src/domain/config/configured-strategies.ts', 'src/domain/config/strategy-keys.ts'];

const KEY =
  /^(STRAT|START_TIME|SHORT_TYPE|TRAIL_PCT|MAX_GAP_PCT|M(IN|AX)_MARKET_CAP|NOTIFY_STRAT)_(OPEN|MID|CLOSE)(_|$)/;
const LENGTH_KEY = /^(OPEN|MID|CLOSE)_(ANALYSIS|BREAKOUT|MONITORING)_TIME$/;

/**
 * Names of strategies that are written where the registry should be asked: `mid` next to `open` or `close` in a list, a
 * union, a table or a switch; a name that is parsed or compared; a setting of one strategy. Bars have an open and a close
 * and quotes have a mid: a word alone is no strategy.
 */
export function strategyNames(source: Source, names: readonly string[]): readonly Finding[] {
  if (HOMES.some((home) => source.path.startsWith(home)) || source.path.includes('/generated/')) return [];
  const found: Finding[] = [];
  const isName = (node: ts.Node): boolean => ts.isStringLiteralLike(node) && names.includes(node.text);
  everyNode(source, (node) => {
    const together = wordsOf(node).filter((word) => names.includes(word));
    if (together.includes('mid') && new Set(together).size > 1) found.push(finding(source, node, together.join(', ')));
    if (ts.isCallExpression(node) && /[sS]trategy/.test(node.expression.getText()) && node.arguments.some(isName)) {
      found.push(finding(source, node, node.getText()));
    }
    if (ts.isAsExpression(node) && isName(node.expression)) found.push(finding(source, node, node.getText()));
    if (isComparison(node) && /strateg/i.test(node.getText()) && (isName(node.left) || isName(node.right))) {
      found.push(finding(source, node, node.getText()));
    }
    if ((ts.isIdentifier(node) || ts.isStringLiteralLike(node)) && isKeyOfOne(node.text)) {
      found.push(finding(source, node, node.text));
    }
  });
  return found;
}

const isKeyOfOne = (text: string): boolean => KEY.test(text) || LENGTH_KEY.test(text);

function isComparison(node: ts.Node): node is ts.BinaryExpression {
  const compares = [ts.SyntaxKind.EqualsEqualsEqualsToken, ts.SyntaxKind.ExclamationEqualsEqualsToken];
  return ts.isBinaryExpression(node) && compares.includes(node.operatorToken.kind);
}

/** The words that stand side by side in a list, a union, a table or a switch. */
function wordsOf(node: ts.Node): readonly string[] {
  if (ts.isArrayLiteralExpression(node)) return node.elements.flatMap(textOf);
  if (ts.isUnionTypeNode(node))
    return node.types.flatMap((type) => (ts.isLiteralTypeNode(type) ? textOf(type.literal) : []));
  if (ts.isObjectLiteralExpression(node))
    return node.properties.flatMap(({ name }) => (name === undefined ? [] : textOf(name)));
  if (ts.isCaseBlock(node))
    return node.clauses.flatMap((clause) => (ts.isCaseClause(clause) ? textOf(clause.expression) : []));
  return [];
}

function textOf(node: ts.Node): readonly string[] {
  return ts.isStringLiteralLike(node) || ts.isIdentifier(node) ? [node.text] : [];
}
