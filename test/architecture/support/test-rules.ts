import ts from 'typescript';
import { everyNode, finding, type Finding, type Source } from './source.js';

const FOCUSED = new Set(['fit', 'fdescribe', 'xit', 'xtest', 'xdescribe']);
const MARKS = new Set(['only', 'skip', 'todo', 'failing']);
/** The one place that skips a test, for what the machine lacks. */
const SKIPS = 'test/support/needs.ts';

/** Tests that do not run, or that keep others from running. */
export function unrunTests(source: Source): readonly Finding[] {
  const found: Finding[] = [];
  everyNode(source, (node) => {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && FOCUSED.has(node.expression.text)) {
      found.push(finding(source, node, node.expression.text));
    }
    if (ts.isPropertyAccessExpression(node) && MARKS.has(node.name.text) && isRunner(node.expression)) {
      if (source.path === SKIPS && node.name.text === 'skip') return;
      found.push(finding(source, node, node.getText(source.ast)));
    }
  });
  return found;
}

/** Tables of `.each` that are empty, or empty on some machines: jest fails on them, where a skipped test is meant. */
export function emptyTables(source: Source): readonly Finding[] {
  const found: Finding[] = [];
  everyNode(source, (node) => {
    if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return;
    const { name, expression } = node.expression;
    const [table] = node.arguments;
    if (name.text !== 'each' || !isRunner(expression) || table === undefined) return;
    if (canBeEmpty(source, table)) found.push(finding(source, node, table.getText(source.ast).slice(0, 60)));
  });
  return found;
}

/** Literally empty, or empty in one branch of a condition; follows the constants of the file. */
function canBeEmpty(source: Source, table: ts.Expression): boolean {
  const bare = ts.isAsExpression(table) || ts.isSatisfiesExpression(table) ? table.expression : table;
  if (ts.isArrayLiteralExpression(bare)) {
    return bare.elements.every((element) => ts.isSpreadElement(element) && canBeEmpty(source, element.expression));
  }
  if (ts.isConditionalExpression(bare)) return canBeEmpty(source, bare.whenTrue) || canBeEmpty(source, bare.whenFalse);
  if (ts.isBinaryExpression(bare)) return true;
  if (ts.isCallExpression(bare) && ts.isPropertyAccessExpression(bare.expression)) {
    return canBeEmpty(source, bare.expression.expression);
  }
  if (!ts.isIdentifier(bare)) return false;
  const value = constantOf(source, bare.text);
  return value !== undefined && canBeEmpty(source, value);
}

function constantOf(source: Source, name: string): ts.Expression | undefined {
  let value: ts.Expression | undefined;
  everyNode(source, (node) => {
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.name.text === name) {
      value ??= node.initializer;
    }
  });
  return value;
}

function isRunner(node: ts.Expression): boolean {
  return /^(test|it|describe)\b/.test(node.getText());
}
