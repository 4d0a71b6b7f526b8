import ts from 'typescript';
import { everyNode, finding, type Finding, type Source } from './source.js';

/** The one module for each hidden input outside the pure folders. */
const CLOCK = ['src/adapters/clock/system-clock.ts', 'src/ui/lib/clock.ts'];
const ENVIRONMENT = [
  'src/processes/cli/environment.ts',
  'src/processes/cli/setup.mjs',
  'src/processes/cli/control.cjs',
];

/** Uses of wall clock, randomness and environment outside their one module. */
export function hiddenInputs(source: Source): readonly Finding[] {
  const found: Finding[] = [];
  everyNode(source, (node) => {
    const input = inputOf(node);
    if (input === undefined) return;
    const allowed = input === 'process.env' ? ENVIRONMENT : input === 'Math.random' ? [] : CLOCK;
    if (!allowed.includes(source.path)) found.push(finding(source, node, input));
  });
  return found;
}

function inputOf(node: ts.Node): string | undefined {
  if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && (node.arguments?.length ?? 0) === 0) {
    return 'new Date()';
  }
  if (!ts.isPropertyAccessExpression(node)) return undefined;
  const text = node.getText();
  return ['process.env', 'Date.now', 'Math.random'].includes(text) ? text : undefined;
}

const TREE =
  'storage|output|control|ledgers|trades|summaries|exports|transfers|transfers_ack|audit|screeners|backups|logs';
const TREE_PATH = new RegExp(`(^|/)(${TREE})/|/(${TREE})$`);
const TREE_FILE =
  /_BOT_|\b(bot_state\.txt|status\.json|home\.json|journal\.db|coa\.json|coa_metadata|mapping_versions)\b/;

/** Addresses of the web, such as `api/logs`, are no paths of a home. */
const ADDRESS = /(^|\s)\/?api\//;

/** Names of the home's tree in a literal: they belong to domain/home/home-paths.ts alone (RUN-6). */
export function treeNames(source: Source): readonly Finding[] {
  const found: Finding[] = [];
  everyNode(source, (node) => {
    if (!isText(node) || isModuleName(node) || ADDRESS.test(node.text)) return;
    if (TREE_PATH.test(node.text) || TREE_FILE.test(node.text))
      found.push(finding(source, node, node.text.slice(0, 60)));
  });
  return found;
}

type Text = ts.StringLiteral | ts.NoSubstitutionTemplateLiteral | ts.TemplateHead | ts.TemplateMiddle | ts.TemplateTail;

function isText(node: ts.Node): node is Text {
  return (
    ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddle(node) || ts.isTemplateTail(node)
  );
}

function isModuleName({ parent }: ts.Node): boolean {
  return (
    ts.isImportDeclaration(parent) ||
    ts.isExportDeclaration(parent) ||
    (ts.isCallExpression(parent) && parent.expression.kind === ts.SyntaxKind.ImportKeyword)
  );
}

const JOINS = ['join', 'resolve', 'format', '*', 'default'];
const WRITES =
  /^(\*|default|promises|write|writev|append|rename|rm|unlink|truncate|ftruncate|copyFile|cp|symlink|link|createWriteStream|open)/;

/** Modules that join paths. */
export function pathBuilders(source: Source): boolean {
  return source.imports.some(
    ({ specifier, names }) => /^(node:)?path(\/|$)/.test(specifier) && names.some((name) => JOINS.includes(name)),
  );
}

/** Modules that can write a file. */
export function fileWriters(source: Source): boolean {
  return source.imports.some(
    ({ specifier, names }) => /^(node:)?fs(\/|$)/.test(specifier) && names.some((name) => WRITES.test(name)),
  );
}
