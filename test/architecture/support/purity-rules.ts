import ts from 'typescript';
import { everyNode, finding, lineOf, type Finding, type Source } from './source.js';

const ESCAPE = /\/\/ pure-ok: (\S.{9,})$/;

export interface Purity {
  readonly findings: readonly Finding[];
  /** Exempted places with a reason; the test limits their number. */
  readonly excused: readonly Finding[];
  /** Exemptions that exempt nothing. */
  readonly idle: readonly Finding[];
}

/** Effects, packages and hidden inputs in a file of a pure folder. */
export function purityOf(source: Source): Purity {
  const used = new Set<number>();
  const findings: Finding[] = [];
  const excused: Finding[] = [];
  for (const effect of effectsOf(source)) {
    const excuse = excuseFor(source, effect.line);
    if (excuse === undefined) findings.push(effect);
    else {
      used.add(excuse.line);
      excused.push({ ...effect, text: `${effect.text}: ${excuse.reason}` });
    }
  }
  const idle = source.lines.flatMap((text, at) =>
    text.includes('pure-ok') && !used.has(at + 1) ? [{ path: source.path, line: at + 1, text: text.trim() }] : [],
  );
  return { findings, excused, idle };
}

/** On the line itself or on the one above it. */
function excuseFor(source: Source, line: number): { readonly line: number; readonly reason: string } | undefined {
  for (const at of [line, line - 1]) {
    const reason = ESCAPE.exec(source.lines[at - 1] ?? '')?.[1];
    if (reason !== undefined) return { line: at, reason };
  }
  return undefined;
}

function effectsOf(source: Source): readonly Finding[] {
  const found: Finding[] = source.imports
    .filter((item) => item.target === undefined)
    .map((item) => ({ path: source.path, line: item.line, text: `import of ${item.specifier}` }));
  everyNode(source, (node) => {
    const text = effectOf(node);
    if (text !== undefined) found.push({ ...finding(source, node, text), line: lineOf(source, node) });
  });
  return found;
}

/** Globals of the environment that pure code must not use. */
const GLOBALS = new Set([
  'process',
  'crypto',
  'performance',
  'fetch',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'globalThis',
  'console',
  'require',
]);

function effectOf(node: ts.Node): string | undefined {
  if (node.kind === ts.SyntaxKind.AsyncKeyword) return 'async';
  if (ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier !== undefined)) return 'await';
  if (ts.isNewExpression(node) && nameOf(node.expression) === 'Date' && (node.arguments?.length ?? 0) === 0) {
    return 'new Date() reads the clock';
  }
  if (ts.isPropertyAccessExpression(node)) return accessFault(node);
  if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && GLOBALS.has(node.expression.text)) {
    return `${node.expression.text}()`;
  }
  return undefined;
}

function accessFault(node: ts.PropertyAccessExpression): string | undefined {
  const object = nameOf(node.expression);
  if (object === undefined) return undefined;
  const whole = `${object}.${node.name.text}`;
  return whole === 'Date.now' || whole === 'Math.random' || GLOBALS.has(object) ? whole : undefined;
}

function nameOf(node: ts.Expression): string | undefined {
  return ts.isIdentifier(node) ? node.text : undefined;
}
