import type { Finding, Source } from './source.js';

/** Lower layers must not import higher ones. */
const LAYERS = [
  'src/kernel',
  'src/events',
  'src/domain',
  'src/strategies',
  'src/trading',
  'projections',
  'src/ports',
  'src/app',
  'src/adapters',
  'src/composition',
  'src/processes',
  'src/ui',
] as const;

/** The browser app runs elsewhere: it knows the program by its REST interface only. */
const APART = 'src/ui';

/** Folder of the messages between processes, which every process may import. */
const SHARED_PROCESS_FOLDER = 'ipc';

/** The one program that starts another one in its own process: `tradebot run` becomes main. */
const PROCESS_ENTRY = { from: 'src/processes/cli/commands/run.ts', to: 'main' } as const;

/** Folders of pure rules: they know the language and each other, and no package at all. */
export const PURE_FOLDERS = ['src/kernel', 'src/events', 'src/domain', 'src/strategies', 'src/trading', 'projections'];

/** Pure, but no projection may depend on them, since the journal has the decisions. */
const PRIVATE_TO_THE_ENGINE: readonly string[] = ['src/strategies', 'src/trading'];

/** Restricted packages, and the folders that may import them. */
const PACKAGE_WALLS: Readonly<Record<string, readonly string[]>> = {
  '@nestjs': ['src/processes'],
  'class-validator': ['src/processes'],
  'class-transformer': ['src/processes'],
  'reflect-metadata': ['src/processes'],
  helmet: ['src/processes'],
  express: ['src/processes'],
  bcrypt: ['src/adapters'],
  pino: ['src/adapters'],
  nodemailer: ['src/adapters'],
  otpauth: ['src/adapters'],
  'rate-limiter-flexible': ['src/adapters'],
  '@zxcvbn-ts': ['src/adapters'],
  commander: ['src/processes'],
  'cli-progress': ['src/processes'],
  'better-sqlite3': ['src/adapters'],
  react: ['src/ui'],
  'react-dom': ['src/ui'],
  '@mantine': ['src/ui'],
  '@tanstack': ['src/ui'],
  'openapi-fetch': ['src/ui'],
  'lightweight-charts': ['src/ui'],
  uplot: ['src/ui'],
};

function layerOf(path: string): number | undefined {
  const at = LAYERS.findIndex((layer) => path.startsWith(`${layer}/`));
  return at < 0 ? undefined : at;
}

function isTestTool(specifier: string): boolean {
  return /^(@jest\/|jest$|fast-check$|ofx-js$)/.test(specifier);
}

/** Imports in the wrong direction or of a restricted package. */
export function importFindings(source: Source): readonly Finding[] {
  const layer = layerOf(source.path);
  return source.imports.flatMap(({ specifier, target, line }) => {
    const fault = target === undefined ? packageFault(source, specifier) : relativeFault(source, layer, target);
    return fault === undefined ? [] : [{ path: source.path, line, text: `${fault}: ${specifier}` }];
  });
}

function packageFault(source: Source, specifier: string): string | undefined {
  if (isTestTool(specifier)) return 'a tool of the tests';
  for (const [name, allowed] of Object.entries(PACKAGE_WALLS)) {
    const meant = specifier === name || specifier.startsWith(`${name}/`);
    if (meant && !allowed.some((folder) => source.path.startsWith(`${folder}/`)))
      return `only ${allowed.join()} may know it`;
  }
  return undefined;
}

function relativeFault(source: Source, layer: number | undefined, target: string): string | undefined {
  const other = layerOf(target);
  // The command reaches its built self through dist/.
  if (other === undefined) {
    return source.path.endsWith('.mjs') && target.startsWith('dist/') ? undefined : 'outside the layers';
  }
  if (layer === undefined) return undefined;
  if (LAYERS[layer] === APART && other !== layer) return `${APART} may import nothing but itself`;
  if (other > layer) return `${LAYERS[layer] ?? ''} may not import ${LAYERS[other] ?? ''}`;
  if (source.path.startsWith('projections/') && PRIVATE_TO_THE_ENGINE.includes(LAYERS[other] ?? '')) {
    return 'a projection knows kernel, events and the rules of the domain only';
  }
  return processFault(source.path, target);
}

function processFault(path: string, target: string): string | undefined {
  const [own, other] = [processOf(path), processOf(target)];
  if (own === undefined || other === undefined || own === other || other === SHARED_PROCESS_FOLDER) return undefined;
  if (path === PROCESS_ENTRY.from && other === PROCESS_ENTRY.to) return undefined;
  return `the process ${own} may not import the process ${other}`;
}

function processOf(path: string): string | undefined {
  return /^src\/processes\/([^/]+)\//.exec(path)?.[1];
}
