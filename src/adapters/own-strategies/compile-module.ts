import ts from 'typescript';
import { forbiddenCode, type CodeFault } from './forbidden-code.js';

/** The text of a module and what its types are checked against. */
export interface ModuleSource {
  /** As it is shown: `strategies/<name>/<file>`. */
  readonly file: string;
  readonly text: string;
  /** The text of the public interface: what `tradebot/strategy` declares. */
  readonly interfaceText: string;
}

/** A module as JavaScript, or everything that is wrong with it. */
export type CompileResult = { readonly js: string; readonly map: string } | { readonly faults: readonly CodeFault[] };

const OPTIONS: ts.CompilerOptions = {
  strict: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
  allowJs: true,
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  lib: ['lib.es2023.d.ts'],
  types: [],
  skipLibCheck: true,
  forceConsistentCasingInFileNames: true,
};

const ROOT = '/strategy-check';
const INTERFACE = `${ROOT}/tradebot-strategy.ts`;
const CHECK = `${ROOT}/check.ts`;
const REMEDY =
  'Correct the line; the interface is in strategies/tradebot-strategy.d.ts (tradebot new-strategy writes it).';
const MOST_FAULTS = 5;

/**
 * Checks the types of a module against the public interface and makes JavaScript of it: syntax first, then what a strategy
 * cannot use, then types. A JavaScript module has no types to check; what its functions answer is checked when they do.
 */
export function compileModule(source: ModuleSource): CompileResult {
  const path = `${ROOT}/${source.file}`;
  const isTyped = path.endsWith('.ts');
  const program = programOf(source, path, isTyped);
  const parsed = program.getSourceFile(path);
  if (parsed === undefined) return { faults: [faultAt(undefined, 'the file cannot be read')] };
  const syntax = program.getSyntacticDiagnostics(parsed);
  if (syntax.length > 0) return { faults: faultsOf(syntax, path, 'STRATEGY_SYNTAX') };
  const forbidden = forbiddenCode(ts, parsed);
  if (forbidden.length > 0) return { faults: forbidden.slice(0, MOST_FAULTS) };
  const checked = isTyped ? [parsed, program.getSourceFile(CHECK)] : [];
  const types = checked.flatMap((file) => (file === undefined ? [] : program.getSemanticDiagnostics(file)));
  if (types.length > 0) return { faults: faultsOf(types, path, 'STRATEGY_TYPES', parsed) };
  const { outputText, sourceMapText = '{}' } = ts.transpileModule(source.text, {
    fileName: source.file,
    compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.CommonJS, sourceMap: true },
  });
  return { js: outputText.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n'), map: sourceMapText };
}

/** What the compiler read of its own declarations: the same for every module. */
const libraries = new Map<string, ts.SourceFile | undefined>();

function programOf({ text, interfaceText }: ModuleSource, path: string, isTyped: boolean): ts.Program {
  const module = path.slice(ROOT.length + 1).replace(/\.[cm]?[jt]s$/, '');
  const virtual = new Map([
    [path, text],
    [INTERFACE, interfaceText],
    [
      CHECK,
      `import type { Strategy } from 'tradebot/strategy';\nimport given from './${module}';\nexport const checked: Strategy = given;\n`,
    ],
  ]);
  const host = ts.createCompilerHost(OPTIONS, true);
  const { getSourceFile, fileExists, readFile } = host;
  Object.assign(host, {
    fileExists: (name: string) => virtual.has(name) || fileExists(name),
    readFile: (name: string) => virtual.get(name) ?? readFile(name),
    directoryExists: (name: string) => name.startsWith(ROOT) || ts.sys.directoryExists(name),
    getCurrentDirectory: () => ROOT,
    getSourceFile: (name: string, target: ts.ScriptTarget, ...rest: [((message: string) => void)?, boolean?]) => {
      const known = virtual.get(name);
      if (known !== undefined) return ts.createSourceFile(name, known, target, true);
      const library = libraries.get(name) ?? getSourceFile(name, target, ...rest);
      libraries.set(name, library);
      return library;
    },
  } satisfies Partial<ts.CompilerHost>);
  const options = { ...OPTIONS, paths: { 'tradebot/strategy': [INTERFACE] } };
  return ts.createProgram(isTyped ? [path, CHECK] : [path], options, host);
}

function faultsOf(
  found: readonly ts.Diagnostic[],
  path: string,
  code: string,
  parsed?: ts.SourceFile,
): readonly CodeFault[] {
  return found.slice(0, MOST_FAULTS).map((one) => {
    const text = ts.flattenDiagnosticMessageText(one.messageText, ' ').slice(0, 300);
    if (one.file?.fileName === path) return { ...faultAt(placeOf(one.file, one.start), text), code };
    // what the check of the default export finds is a fault of the export
    const exported = parsed?.statements.find((each) => ts.isExportAssignment(each));
    return {
      ...faultAt(parsed && placeOf(parsed, exported?.getStart(parsed)), `the default export is no Strategy: ${text}`),
      code,
    };
  });
}

function placeOf(file: ts.SourceFile, start = 0): ts.LineAndCharacter {
  return file.getLineAndCharacterOfPosition(start);
}

function faultAt(at: ts.LineAndCharacter | undefined, cause: string): CodeFault {
  const { line, character } = at ?? { line: 0, character: 0 };
  return { line: line + 1, column: character + 1, code: 'STRATEGY_SYNTAX', cause, remedy: REMEDY };
}
