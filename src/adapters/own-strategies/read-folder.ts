import { existsSync, lstatSync, readdirSync, readFileSync, type Stats } from 'node:fs';
import { isOwnName } from '../../domain/config/own-names.js';
import type { RefusedStrategy } from '../../strategies/own/own-strategy.js';
import { systemErrorCode } from '../files/system-error.js';
import { isOwn, othersMayWrite, ownUser, type OwnUser } from '../files/owner.js';

/** The folder of own strategies as it is shown: below the home. */
export const OWN_FOLDER = 'strategies';

/** The module of an own strategy as it is in the home. */
export interface FoundModule {
  readonly name: string;
  /** Below the home. */
  readonly file: string;
  readonly text: string;
}

/** What is in the folder: modules that can be read, and what cannot be one. */
export interface FoundModules {
  readonly found: readonly FoundModule[];
  readonly refused: readonly RefusedStrategy[];
}

const MODULE = /^[A-Za-z0-9][A-Za-z0-9._-]*\.(?:ts|mts|js|mjs)$/;
const NO_MODULE = /(?:\.d\.ts|\.test\.[a-z]+|\.spec\.[a-z]+|\.config\.[a-z]+)$/;
const MOST_STRATEGIES = 50;
const LARGEST_MODULE = 256 * 1_024;

/**
 * The modules of own strategies: a folder each, with one file of TypeScript or JavaScript next to its tests. What another user
 * could have written is refused, as in every other place of a home (HOME_UNSAFE), and so is what cannot be read.
 */
export function readOwnModules(folder: string, own: OwnUser | undefined = ownUser()): FoundModules {
  if (!existsSync(folder)) return { found: [], refused: [] };
  const listed = readable(() => ({ unsafe: unsafeIn(folder, lstatSync(folder), own), names: foldersIn(folder) }));
  if ('code' in listed) return { found: [], refused: [{ name: OWN_FOLDER, where: OWN_FOLDER, ...listed }] };
  const { unsafe, names } = listed;
  const found: FoundModule[] = [];
  const refused: RefusedStrategy[] = [];
  for (const [index, name] of names.entries()) {
    const read = unsafe ?? (index < MOST_STRATEGIES ? readable(() => readOne(folder, name, own)) : TOO_MANY);
    if ('text' in read) found.push({ name, ...read });
    else refused.push({ name: name.slice(0, 60), where: `${OWN_FOLDER}/${name.slice(0, 60)}`, ...read });
  }
  return { found, refused };
}

/** Names of the folders of own strategies, whatever is in them. */
export function ownStrategyNames(folder: string): readonly string[] {
  const names = existsSync(folder) ? readable(() => foldersIn(folder)) : [];
  return 'code' in names ? [] : names.filter(isOwnName);
}

type Why = Pick<RefusedStrategy, 'code' | 'cause' | 'remedy'> & { readonly where?: string };

/** What `read` gives, or why the file system did not let it. */
function readable<T>(read: () => T): T | Why {
  try {
    return read();
  } catch (error) {
    return {
      code: 'STRATEGY_UNREADABLE',
      cause: `it cannot be read (${systemErrorCode(error) ?? String(error)})`,
      remedy: 'Let the user of the bot read the folder and its module.',
    };
  }
}

const TOO_MANY: Why = {
  code: 'STRATEGY_TOO_MANY',
  cause: `there are more than ${MOST_STRATEGIES} folders`,
  remedy: 'Move the strategies that are not used out of the home.',
};

/** By name, so that the order does not depend on the file system. */
function foldersIn(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && !entry.name.startsWith('.'))
    .map(({ name }) => name)
    .filter((name) => name !== 'node_modules')
    .sort();
}

function readOne(folder: string, name: string, own: OwnUser | undefined): Omit<FoundModule, 'name'> | Why {
  if (!isOwnName(name)) {
    return {
      code: 'STRATEGY_NAME',
      cause: 'its folder has no name that a strategy can have, or one that TradeBot uses itself',
      remedy: 'Rename the folder: small letters, digits and dashes, such as gap-fade.',
    };
  }
  const path = `${folder}/${name}`;
  const unsafe = unsafeIn(path, lstatSync(path), own);
  if (unsafe !== undefined) return unsafe;
  const files = readdirSync(path).filter((file) => MODULE.test(file) && !NO_MODULE.test(file));
  const [file] = files;
  if (file === undefined || files.length > 1) {
    return {
      code: 'STRATEGY_FILES',
      cause: files.length === 0 ? 'it has no module' : `it has several modules: ${files.slice(0, 5).join(', ')}`,
      remedy: 'Keep one .ts, .mts, .js or .mjs file there, and tests as .test.ts or .test.mjs.',
    };
  }
  return readFile(`${path}/${file}`, `${OWN_FOLDER}/${name}/${file}`, own);
}

function readFile(path: string, file: string, own: OwnUser | undefined): Omit<FoundModule, 'name'> | Why {
  const stats = lstatSync(path);
  const unsafe = unsafeIn(path, stats, own);
  if (unsafe !== undefined) return { ...unsafe, where: file };
  if (!stats.isFile() || stats.size > LARGEST_MODULE) {
    return {
      where: file,
      code: 'STRATEGY_TOO_LARGE',
      cause: `it is no file of at most ${LARGEST_MODULE} bytes`,
      remedy: 'A strategy is one text file; leave data out.',
    };
  }
  return { file, text: readFileSync(path, 'utf8') };
}

function unsafeIn(path: string, found: Stats, own: OwnUser | undefined): Why | undefined {
  if (found.isSymbolicLink()) {
    return unsafe(
      `${path} is a symbolic link: what it leads to may be changed by others`,
      'Move what it leads to there.',
    );
  }
  if (!isOwn(found, own)) {
    return unsafe(
      `${path} belongs to user ${found.uid}`,
      `Give it to the user of the bot: chown ${own?.uid ?? ''} ${path}`,
    );
  }
  if (othersMayWrite(found, own)) {
    return unsafe(`other users may write in ${path}`, `Take that right away: chmod go-w ${path}`);
  }
  return undefined;
}

function unsafe(cause: string, remedy: string): Why {
  return { code: 'STRATEGY_UNSAFE', cause, remedy };
}
