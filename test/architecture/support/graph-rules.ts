import { posix } from 'node:path';
import ts from 'typescript';
import { everyNode, lineOf, type Finding, type Source } from './source.js';

/** One import between two files, with the imported names. */
export interface Arrow {
  /** Path without extension, as in `Import.target`. */
  readonly target: string;
  /** `*` is everything: a namespace, an import() or an export of all. */
  readonly names: readonly string[];
  /** Only types: nothing is loaded. */
  readonly typesOnly: boolean;
}

/** The relative imports of a source, with the names that they take. */
export function arrowsOf(source: Source): readonly Arrow[] {
  const found: Arrow[] = [];
  const add = (specifier: ts.Node | undefined, names: readonly string[], typesOnly: boolean): void => {
    if (specifier === undefined || !ts.isStringLiteral(specifier) || !specifier.text.startsWith('.')) return;
    const target = posix.join(posix.dirname(source.path), specifier.text).replace(/\.(js|mjs|tsx?)$/, '');
    found.push({ target, names, typesOnly });
  };
  everyNode(source, (node) => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, importedNames(node), loadsNothing(node.importClause));
    if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, reExportedNames(node), node.isTypeOnly);
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, ['*'], true);
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], ['*'], false);
    }
  });
  return found;
}

/** Cycles of imports by value, each once, as a list of paths. */
export function circles(sources: readonly Source[]): readonly string[] {
  const arrows = new Map(
    sources.map((source) => [
      withoutExtension(source.path),
      arrowsOf(source).flatMap(({ target, typesOnly }) => (typesOnly ? [] : [target])),
    ]),
  );
  const found: string[] = [];
  const done = new Set<string>();
  const walk = (path: string, above: readonly string[]): void => {
    const at = above.indexOf(path);
    if (at >= 0) found.push([...above.slice(at), path].join(' -> '));
    if (at >= 0 || done.has(path)) return;
    for (const target of arrows.get(path) ?? []) walk(target, [...above, path]);
    done.add(path);
  };
  for (const path of arrows.keys()) walk(path, []);
  return found;
}

/**
 * Exports without a reader. A reader is another source; a test counts only for what its own file also uses: it may
 * read the inside of a used file, but keeps no unused one. A type that its own file uses is the shape of what that exports.
 */
export function deadExports(sources: readonly Source[], tests: readonly Source[]): readonly Finding[] {
  const taken = takenNames(sources);
  const tested = takenNames(tests);
  return sources.flatMap((source) => {
    const path = withoutExtension(source.path);
    const readBy = (names: ReadonlyMap<string, ReadonlySet<string>>, name: string): boolean =>
      names.get(path)?.has(name) === true || names.get(path)?.has('*') === true;
    return exportsOf(source)
      .filter(({ name, isType }) => {
        if (readBy(taken, name)) return false;
        return !(timesNamed(source, name) > 1 && (isType || readBy(tested, name)));
      })
      .map(({ name, line }) => ({ path: source.path, line, text: name }));
  });
}

/** Files that no other source imports. */
export function unusedFiles(sources: readonly Source[]): readonly string[] {
  const taken = takenNames(sources);
  return sources.map(({ path }) => path).filter((path) => !taken.has(withoutExtension(path)));
}

function takenNames(sources: readonly Source[]): ReadonlyMap<string, ReadonlySet<string>> {
  const taken = new Map<string, Set<string>>();
  for (const { target, names } of sources.flatMap(arrowsOf)) {
    const known = taken.get(target) ?? new Set();
    for (const name of names) known.add(name);
    taken.set(target, known);
  }
  return taken;
}

function timesNamed(source: Source, name: string): number {
  let times = 0;
  everyNode(source, (node) => {
    if (ts.isIdentifier(node) && node.text === name) times += 1;
  });
  return times;
}

interface Exported {
  readonly name: string;
  readonly line: number;
  readonly isType: boolean;
}

function exportsOf(source: Source): readonly Exported[] {
  return source.ast.statements.flatMap((statement) => {
    const line = lineOf(source, statement);
    const isType = ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement);
    if (ts.isExportAssignment(statement)) return [{ name: 'default', line, isType }];
    if (ts.isExportDeclaration(statement)) {
      const clause = statement.exportClause;
      if (clause === undefined || !ts.isNamedExports(clause)) return [];
      return clause.elements.map((element) => ({ name: element.name.text, line, isType }));
    }
    const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
    if (!modifiers.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return [];
    if (modifiers.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword)) return [{ name: 'default', line, isType }];
    return declaredNames(statement).map((name) => ({ name, line, isType }));
  });
}

function declaredNames(statement: ts.Statement): readonly string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap(({ name }) => (ts.isIdentifier(name) ? [name.text] : []));
  }
  const named = statement as ts.Statement & { readonly name?: ts.Node };
  return named.name !== undefined && ts.isIdentifier(named.name) ? [named.name.text] : [];
}

function importedNames(node: ts.ImportDeclaration): readonly string[] {
  const clause = node.importClause;
  const bindings = clause?.namedBindings;
  const own = clause?.name === undefined ? [] : ['default'];
  if (bindings === undefined) return own;
  if (ts.isNamespaceImport(bindings)) return [...own, '*'];
  return [...own, ...bindings.elements.map((element) => (element.propertyName ?? element.name).text)];
}

function reExportedNames(node: ts.ExportDeclaration): readonly string[] {
  const clause = node.exportClause;
  if (clause === undefined || !ts.isNamedExports(clause)) return ['*'];
  return clause.elements.map((element) => (element.propertyName ?? element.name).text);
}

function loadsNothing(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const bindings = clause.namedBindings;
  const named = bindings !== undefined && ts.isNamedImports(bindings) && bindings.elements.length > 0;
  return named && clause.name === undefined && bindings.elements.every(({ isTypeOnly }) => isTypeOnly);
}

function withoutExtension(path: string): string {
  return path.replace(/\.(tsx?|mjs)$/, '');
}
