import type ts from 'typescript';

/** A place in the module of a strategy and what is wrong there. */
export interface CodeFault {
  /** From 1. */
  readonly line: number;
  readonly column: number;
  readonly code: string;
  readonly cause: string;
  readonly remedy: string;
}

/** Names that a strategy cannot use, with what to do instead. They do not exist where it runs. */
const NAMES: Readonly<Record<string, string>> = {
  Date: 'Use context.time, context.date and context.minute: a strategy has no clock of its own.',
  Intl: 'Leave the wording to TradeBot: figures are names and numbers.',
  Promise: 'Answer at once: a strategy waits for nothing.',
  process: 'Use a setting: a strategy sees nothing of the machine.',
  require: 'Write the strategy in one file.',
  fetch: 'Use what the symbol and the context say: a strategy reads no network.',
  console: 'Answer with figures: they are in the log of the strategy.',
  setTimeout: 'Answer at once: a strategy waits for nothing.',
  setInterval: 'Answer at once: a strategy waits for nothing.',
  setImmediate: 'Answer at once: a strategy waits for nothing.',
  queueMicrotask: 'Answer at once: a strategy waits for nothing.',
  performance: 'Use context.time: a strategy has no clock of its own.',
  crypto: 'Leave chance out: the same market must give the same answer.',
  eval: 'Write the code out.',
  Function: 'Write the code out.',
  WebAssembly: 'Write the code out.',
  SharedArrayBuffer: 'Keep no state: each call begins afresh.',
  Atomics: 'Keep no state: each call begins afresh.',
  WeakRef: 'Keep no state: each call begins afresh.',
  FinalizationRegistry: 'Keep no state: each call begins afresh.',
};

const ALLOWED_IMPORT = 'tradebot/strategy';

/** The first place of each kind of code that a strategy cannot have: imports, waiting, chance, the clock and the machine. */
export function forbiddenCode(api: typeof ts, source: ts.SourceFile): readonly CodeFault[] {
  const found: CodeFault[] = [];
  const add = (node: ts.Node, code: string, cause: string, remedy: string): void => {
    const { line, character } = source.getLineAndCharacterOfPosition(node.getStart(source));
    found.push({ line: line + 1, column: character + 1, code, cause, remedy });
  };
  const visit = (node: ts.Node): void => {
    const imported = importOf(api, node);
    if (imported !== undefined && !imported.ok) {
      add(
        node,
        'STRATEGY_IMPORT',
        `it imports ${imported.what}`,
        `Import types of ${ALLOWED_IMPORT} only (import type), and write the rest in this file.`,
      );
    } else if (isWaiting(api, node)) {
      add(
        node,
        'STRATEGY_WAITS',
        'it waits for something (async or await)',
        'Answer at once: a strategy waits for nothing.',
      );
    } else if (isChance(api, node)) {
      add(
        node,
        'STRATEGY_CHANCE',
        'it uses Math.random',
        'Leave chance out: the same market must give the same answer.',
      );
    } else if (api.isIdentifier(node) && isUse(api, node) && Object.hasOwn(NAMES, node.text)) {
      add(node, 'STRATEGY_REACH', `it uses ${node.text}`, NAMES[node.text] ?? '');
    }
    api.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function importOf(api: typeof ts, node: ts.Node): { readonly ok: boolean; readonly what: string } | undefined {
  if (api.isImportDeclaration(node)) {
    const what = node.moduleSpecifier.getText().slice(1, -1);
    const typesOnly = node.importClause?.isTypeOnly === true || namesTypesOnly(api, node.importClause);
    return { ok: what === ALLOWED_IMPORT && typesOnly, what };
  }
  if (api.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
    return { ok: false, what: node.moduleSpecifier.getText().slice(1, -1) };
  }
  if (api.isImportEqualsDeclaration(node)) return { ok: false, what: node.getText().slice(0, 60) };
  const isCall = api.isCallExpression(node) && node.expression.kind === api.SyntaxKind.ImportKeyword;
  if (isCall || api.isMetaProperty(node)) return { ok: false, what: node.getText().slice(0, 60) };
  return undefined;
}

function namesTypesOnly(api: typeof ts, clause: ts.ImportClause | undefined): boolean {
  const bindings = clause?.namedBindings;
  if (clause?.name !== undefined || bindings === undefined || !api.isNamedImports(bindings)) return false;
  return bindings.elements.length > 0 && bindings.elements.every(({ isTypeOnly }) => isTypeOnly);
}

function isWaiting(api: typeof ts, node: ts.Node): boolean {
  if (api.isAwaitExpression(node) || (api.isForOfStatement(node) && node.awaitModifier !== undefined)) return true;
  return api.isFunctionLike(node) && api.canHaveModifiers(node)
    ? (api.getModifiers(node) ?? []).some(({ kind }) => kind === api.SyntaxKind.AsyncKeyword)
    : false;
}

function isChance(api: typeof ts, node: ts.Node): boolean {
  if (api.isPropertyAccessExpression(node)) return node.expression.getText() === 'Math' && node.name.text === 'random';
  return (
    api.isElementAccessExpression(node) &&
    node.expression.getText() === 'Math' &&
    /random/.test(node.argumentExpression.getText())
  );
}

/** Whether an identifier stands for a value: no property, label or name of a declaration, and no type. */
function isUse(api: typeof ts, node: ts.Identifier): boolean {
  const { parent } = node;
  if (api.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (api.isPropertyAssignment(parent) || api.isMethodDeclaration(parent) || api.isPropertySignature(parent)) {
    return api.isPropertyAssignment(parent) && parent.initializer === node;
  }
  if (api.isTypeReferenceNode(parent) || api.isTypeAliasDeclaration(parent) || api.isInterfaceDeclaration(parent))
    return false;
  if (api.isParameter(parent) || api.isVariableDeclaration(parent) || api.isBindingElement(parent))
    return parent.initializer === node;
  return !api.isFunctionDeclaration(parent) && !api.isLabeledStatement(parent);
}
