import type { BasePaths } from '../../domain/home/home-paths.js';
import { TradeBotError } from '../../kernel/errors.js';
import type { Vault } from '../../ports/vault.js';
import type { GenerationReader } from './generation.js';
import { vaultMissing } from './vault-errors.js';
import { isPrivate, linkTarget } from './vault-files.js';
import { linksOf } from './vault-links.js';

export type VaultFault = ReturnType<Vault['check']>[number];

export interface CheckParts {
  readonly paths: BasePaths['storage'];
  readonly current: () => number | undefined;
  readonly readerOf: (n: number) => GenerationReader;
  /** Earlier generations without a backup. */
  readonly unkept: (n: number) => readonly string[];
}

/**
 * Opens every file of the generation in use and checks its surroundings; all faults together, nothing changed. The
 * remains of a running or interrupted rotation, which the next one deletes, are no fault.
 */
export function checkVault(parts: CheckParts): readonly VaultFault[] {
  const { paths } = parts;
  const faults: VaultFault[] = [];
  let n: number | undefined;
  attempt(faults, paths.vaultCurrent, () => {
    n = parts.current();
    if (n === undefined) throw vaultMissing(paths.vaultCurrent);
  });
  if (n === undefined) return faults;
  const generation = paths.vaultGeneration(n);
  let reader: GenerationReader | undefined;
  attempt(faults, paths.vaultCurrent, () => (reader = parts.readerOf(n ?? 0)));
  if (reader !== undefined) faults.push(...faultsOfFiles(generation, reader));
  faults.push(...faultsOfLinks(paths, reader), ...plainSettings(paths));
  for (const path of parts.unkept(n)) {
    faults.push({
      file: path,
      cause: 'an earlier generation was left without a backup',
      remedy: 'Keep it elsewhere, then delete it: it holds keys that are no longer in use.',
    });
  }
  return faults;
}

function faultsOfFiles(
  generation: ReturnType<BasePaths['storage']['vaultGeneration']>,
  reader: GenerationReader,
): readonly VaultFault[] {
  const faults: VaultFault[] = [];
  const bad = new Set<string>();
  const [keys, secrets] = [reader.keyNames(), reader.secretNames()];
  for (const name of keys) {
    if (!attempt(faults, generation.key(name), () => reader.key(name))) bad.add(generation.key(name));
  }
  for (const name of secrets) attempt(faults, generation.secret(name), () => reader.secret(name), bad);
  attempt(faults, generation.secret('login'), () => reader.digestKey(), bad);
  attempt(faults, generation.envBot, () => reader.envBot(), bad);
  const files = [
    generation.dir,
    generation.keys,
    generation.secrets,
    ...keys.map((name) => generation.key(name)),
    ...secrets.map((name) => generation.secret(name)),
    generation.envBot,
  ];
  for (const file of files.filter((path) => !isPrivate(path))) {
    faults.push({
      file,
      cause: 'users other than its owner can read it',
      remedy: `Run chmod go= ${file} to remove their permissions.`,
    });
  }
  return dedupe(faults);
}

function faultsOfLinks(paths: BasePaths['storage'], reader: GenerationReader | undefined): readonly VaultFault[] {
  return linksOf(paths, reader?.secretNames()).flatMap(({ path, target }) => {
    const found = linkTarget(path);
    if (found === target) return [];
    const cause = found === null ? 'the link into the vault is missing' : 'it is not the link into the vault';
    return [{ file: path, cause, remedy: 'Rotate the keys to restore the link; move away any other file first.' }];
  });
}

/** CFG-1: settings are stored only encrypted. */
function plainSettings(paths: BasePaths['storage']): readonly VaultFault[] {
  const plain = paths.envBot.replace(/\.enc$/, '');
  if (linkTarget(plain) === null) return [];
  const remedy = 'Enter its values on the settings page, then delete it; nothing reads it.';
  return [{ file: plain, cause: 'settings in plain text are refused', remedy }];
}

/** True when it succeeded. */
function attempt(faults: VaultFault[], file: string, work: () => unknown, ignore?: ReadonlySet<string>): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (!(error instanceof TradeBotError)) throw error;
    // A reported key is not reported again for the files that it should have opened.
    const reported = ignore !== undefined && [...ignore].some((path) => error.message.startsWith(path));
    if (!reported) faults.push({ file, cause: error.message, remedy: error.remedy });
    return false;
  }
}

function dedupe(faults: readonly VaultFault[]): readonly VaultFault[] {
  const seen = new Set<string>();
  return faults.filter(({ cause, file }) => {
    const key = `${file} ${cause}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
