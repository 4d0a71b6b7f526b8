import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../../..');

/** Generated or downloaded folders. */
const NOT_OURS = ['node_modules', 'dist', '.git', 'storage', 'backups', 'package-lock.json'];
/** Homes: all but their README is output. */
const HOMES = ['control', 'output'];

export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly text: string;
}

export interface Import {
  /** As written. */
  readonly specifier: string;
  /** Path from the root for a relative one, without extension; undefined for a package. */
  readonly target: string | undefined;
  readonly line: number;
  readonly names: readonly string[];
}

export interface Source {
  /** From the root, with slashes. */
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
  readonly ast: ts.SourceFile;
  readonly imports: readonly Import[];
}

/** Every file of the repository that a person wrote, as paths from the root. */
export function repositoryFiles(): readonly string[] {
  const walk = (folder: string): readonly string[] =>
    readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = posix.join(folder, entry.name);
      if (NOT_OURS.includes(path)) return [];
      if (entry.isDirectory()) return walk(path);
      const inHome = HOMES.some((home) => path.startsWith(`${home}/`));
      return entry.isFile() && (!inHome || entry.name === 'README.md') ? [path] : [];
    });
  return walk('.')
    .map((path) => path.replace(/^\.\//, ''))
    .sort();
}

export function readRepositoryFile(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** The TypeScript and JavaScript of the repository; generated files only when asked for. */
export function sourcesUnder(folders: readonly string[], generated = false): readonly Source[] {
  return repositoryFiles()
    .filter((path) => /\.(tsx?|mjs)$/.test(path) && folders.some((folder) => path.startsWith(`${folder}/`)))
    .filter((path) => generated || !path.includes('/generated/'))
    .map(parsedOnce);
}

declare global {
  /** Set by test/config/sources-environment.mjs, for all files of tests that a worker of jest runs. */
  var sourcesOfTheWorker: { readonly parsed: Map<string, Source> } | undefined;
}

const parsed = globalThis.sourcesOfTheWorker?.parsed ?? new Map<string, Source>();

function parsedOnce(path: string): Source {
  const known = parsed.get(path) ?? parseSource(path, readRepositoryFile(path));
  parsed.set(path, known);
  return known;
}

export function parseSource(path: string, text: string): Source {
  const ast = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  return { path, text, lines: text.split('\n'), ast, imports: importsOf(path, ast) };
}

export function lineOf(source: { readonly ast: ts.SourceFile }, node: ts.Node): number {
  return source.ast.getLineAndCharacterOfPosition(node.getStart(source.ast)).line + 1;
}

export function finding(source: Source, node: ts.Node, text: string): Finding {
  return { path: source.path, line: lineOf(source, node), text };
}

export function everyNode(source: Source, visit: (node: ts.Node) => void): void {
  const walk = (node: ts.Node): void => {
    visit(node);
    ts.forEachChild(node, walk);
  };
  walk(source.ast);
}

function importsOf(path: string, ast: ts.SourceFile): readonly Import[] {
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, at: ts.Node, names: readonly string[]): void => {
    if (specifier === undefined || !ts.isStringLiteral(specifier)) return;
    found.push({
      specifier: specifier.text,
      target: specifier.text.startsWith('.')
        ? relative('.', posix.join(posix.dirname(path), specifier.text)).replace(/\.(js|mjs|tsx?)$/, '')
        : undefined,
      line: lineOf({ ast }, at),
      names,
    });
  };
  const walk = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, node, namesOf(node.importClause));
    if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node, []);
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, node, []);
    if (ts.isCallExpression(node) && isLoader(node.expression)) add(node.arguments[0], node, []);
    ts.forEachChild(node, walk);
  };
  walk(ast);
  return found;
}

function isLoader(called: ts.Expression): boolean {
  return called.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(called) && called.text === 'require');
}

function namesOf(clause: ts.ImportClause | undefined): readonly string[] {
  const bindings = clause?.namedBindings;
  if (bindings === undefined) return clause?.name === undefined ? [] : ['default'];
  if (ts.isNamespaceImport(bindings)) return ['*'];
  return bindings.elements.map((element) => (element.propertyName ?? element.name).text);
}
