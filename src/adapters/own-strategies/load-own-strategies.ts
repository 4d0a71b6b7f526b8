import { existsSync, readFileSync } from 'node:fs';
import type { BasePaths } from '../../domain/home/home-paths.js';
import { canonicalJson } from '../../kernel/canonical-json.js';
import { invariant } from '../../kernel/errors.js';
import { sha256Hex } from '../../kernel/hash.js';
import { definitionOf } from '../../strategies/own/definition.js';
import { NO_OWN_STRATEGIES, type OwnStrategies } from '../../strategies/own/own-strategies.js';
import type { OwnModule, RefusedStrategy } from '../../strategies/own/own-strategy.js';
import { writeFileAtomic } from '../files/atomic-write.js';
import type { CompileResult } from './compile-module.js';
import { compileInThread } from './compile-in-thread.js';
import type { ThreadTask } from './compile-thread.js';
import { readOwnModules, type FoundModule } from './read-folder.js';
import { Sandbox } from './sandbox.js';

/** How modules are compiled; replaced by tests. */
export type Compile = (task: ThreadTask) => Promise<CompileResult>;

/** Where own strategies are, and what was compiled of them. */
export interface OwnPaths {
  readonly storage: Pick<BasePaths['storage'], 'ownStrategies' | 'compiledStrategy'>;
}

/** The text of the public interface, `tradebot/strategy`. */
export function interfaceText(): string {
  return readFileSync(interfaceFile(), 'utf8');
}

const INTERFACE = 'src/strategies/own/public.ts';

/** The source is read, also by the built program, which has no types any more: it lies in dist/program. */
function interfaceFile(): URL {
  const found = ['../../', '../../../', '../../../../']
    .map((up) => new URL(up + INTERFACE, import.meta.url))
    .find(existsSync);
  if (found !== undefined) return found;
  invariant(false, 'INTERFACE_MISSING', `${INTERFACE} is not part of this installation`);
}

/**
 * Finds, checks and loads the own strategies of a home (TRD-24). One that is faulty is refused by its name, with file, line
 * and remedy; nothing that is wrong with one keeps another, or the bot, from running.
 */
export async function loadOwnStrategies(
  { storage }: OwnPaths,
  compile: Compile = compileInThread,
): Promise<OwnStrategies> {
  const { found, refused } = readOwnModules(storage.ownStrategies);
  if (found.length + refused.length === 0) return NO_OWN_STRATEGIES;
  const declared = interfaceText();
  const modules: OwnModule[] = [];
  const faulty: RefusedStrategy[] = [...refused];
  for (const one of found) {
    const loaded = await loadOne(storage, one, declared, compile).catch((error: unknown) => notLoaded(one, error));
    const taken = 'definition' in loaded ? takenKey(modules, loaded) : undefined;
    if (taken !== undefined) faulty.push(taken);
    else if ('definition' in loaded) modules.push(loaded);
    else faulty.push(loaded);
  }
  return { modules, refused: faulty.sort((a, b) => (a.name < b.name ? -1 : 1)) };
}

async function loadOne(
  storage: OwnPaths['storage'],
  { name, file, text }: FoundModule,
  declared: string,
  compile: Compile,
): Promise<OwnModule | RefusedStrategy> {
  const source = { file, text, interfaceText: declared };
  const digest = sha256Hex(canonicalJson({ ...source, runtime: process.version }));
  const cache = storage.compiledStrategy(digest);
  const made = known(cache) ?? (await compile({ name, source }));
  if ('faults' in made) return refusedBy(name, file, made.faults);
  keep(cache, made);
  const code = new Sandbox({ file, ...made });
  const definition = definitionOf(
    name,
    code.call('describe', {}, () => 'null'),
  );
  if ('cause' in definition) return { name, code: 'STRATEGY_SHAPE', where: file, ...definition };
  return { definition, code, file, sha256: sha256Hex(text) };
}

function notLoaded({ name, file }: FoundModule, error: unknown): RefusedStrategy {
  const cause = error instanceof Error ? error.message : String(error);
  return { name, code: 'STRATEGY_LOAD', where: file, cause, remedy: 'Correct the module and start the bot again.' };
}

function refusedBy(
  name: string,
  file: string,
  faults: Extract<CompileResult, { faults: unknown }>['faults'],
): RefusedStrategy {
  const [first, ...others] = faults;
  const { line = 1, column = 1, code = 'STRATEGY_LOAD', cause = 'it cannot be loaded', remedy = '' } = first ?? {};
  const more = others.map((one) => `; ${one.line}:${one.column} ${one.cause}`).join('');
  return { name, code, where: `${file}:${line}:${column}`, cause: `${cause}${more}`, remedy };
}

/** A strategy that was compiled before is there at once: a bot that starts again with open positions does not wait for it. */
function known(cache: string): { readonly js: string; readonly map: string } | undefined {
  try {
    const { js, map } = JSON.parse(readFileSync(cache, 'utf8')) as Readonly<Record<string, unknown>>;
    return typeof js === 'string' && typeof map === 'string' ? { js, map } : undefined;
  } catch {
    return undefined;
  }
}

function keep(cache: string, made: { readonly js: string; readonly map: string }): void {
  if (existsSync(cache)) return;
  try {
    writeFileAtomic(cache, JSON.stringify(made));
  } catch {
    // on a full disk it is compiled again at the next start
  }
}

/** OWN_GAP_FADE_X is X of gap-fade and FADE_X of gap: the second of two such strategies is refused. */
function takenKey(modules: readonly OwnModule[], { definition, file }: OwnModule): RefusedStrategy | undefined {
  for (const { definition: other } of modules) {
    const both = other.settings.find(({ key }) => definition.settings.some((one) => one.key === key));
    if (both === undefined) continue;
    return {
      ...{ name: definition.name, code: 'STRATEGY_SETTING_TAKEN', where: file },
      cause: `${both.key} is a setting of the strategy ${other.name} too`,
      remedy: 'Rename the folder or the setting of one of them.',
    };
  }
  return undefined;
}
