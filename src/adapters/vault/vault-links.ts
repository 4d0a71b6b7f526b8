import { relative } from 'node:path';
import { dirname } from 'node:path';
import type { BasePaths } from '../../domain/home/home-paths.js';
import { SECRET_FILES, type KeyCategory } from '../../ports/vault.js';
import { configError } from '../../kernel/errors.js';
import { SECRET_NAMES } from './generation.js';
import { ensureVaultFolder, linkTarget, relink } from './vault-files.js';

/** Each well-known path (SEC-1) of these secret files, with its target: the same file of the current generation. */
export function linksOf(
  paths: BasePaths['storage'],
  names = SECRET_NAMES,
): readonly { readonly path: string; readonly target: string }[] {
  const generation = paths.vaultGeneration(0);
  const through = (path: string, file: string) => {
    const file0 = `${paths.vaultCurrent}${file.slice(generation.dir.length)}`;
    return { path, target: relative(dirname(path), file0) };
  };
  const categories: readonly KeyCategory[] = ['env_bot', ...new Set(names.map((name) => SECRET_FILES[name]))];
  return [
    ...categories.map((name) => through(`${paths.keys}/${name}.key`, generation.key(name))),
    ...names.map((name) => through(`${paths.secrets}/${name}.json.enc`, generation.secret(name))),
    through(paths.envBot, generation.envBot),
  ];
}

/**
 * Creates the links that are missing or have another target; refuses (VAULT_IN_THE_WAY) to replace anything but a link.
 */
export function ensureLinks(paths: BasePaths['storage'], onStep: (step: string) => void): void {
  for (const folder of [paths.keys, paths.secrets]) ensureVaultFolder(folder);
  const links = linksOf(paths).map((link) => ({ ...link, found: linkTarget(link.path) }));
  const blocked = links.find(({ found }) => found === undefined);
  if (blocked !== undefined) {
    throw configError({
      code: 'VAULT_IN_THE_WAY',
      message: `${blocked.path} is a file or folder where a link into the vault belongs`,
      remedy: 'Move it away; nothing was changed.',
    });
  }
  for (const { path, target, found } of links) {
    if (found === target) continue;
    relink(path, target, `${path}.tmp`);
    onStep(`link ${target}`);
  }
}
