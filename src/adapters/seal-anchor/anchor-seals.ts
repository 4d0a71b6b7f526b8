import { accessSync, constants, existsSync, linkSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { isAbsolute, relative } from 'node:path';
import type { HomePaths } from '../../domain/home/home-paths.js';
import { configError, TradeBotError } from '../../kernel/errors.js';
import type { BotIdentity } from '../../kernel/identity.js';
import { syncFolder, writeFileAtomic } from '../files/atomic-write.js';
import { makeFolders } from '../files/make-folders.js';
import { systemErrorCode } from '../files/system-error.js';
import { readSeals } from '../seal-keys/seal-files.js';
import { anchorError, anchoredKeyPath, anchoredSealPath, readAnchor } from './anchor-files.js';

/** What is in the anchor directory after copying. */
export interface AnchorResult {
  readonly total: number;
  /** Copied now. */
  readonly added: number;
  /** Id of the seal that covers most; null without any. */
  readonly newest: string | null;
}

/**
 * Copies every seal of the home and its public key to a directory outside it; existing copies are never replaced. Throws
 * ConfigError `ANCHOR_INSIDE_HOME`, `ANCHOR_DIFFERS` (a copy has other bytes), and the errors of `readAnchor`.
 */
export async function anchorSeals(paths: HomePaths, identity: BotIdentity, directory: string): Promise<AnchorResult> {
  refuseInside(paths, directory);
  const before = await readAnchor(directory, identity);
  const known = new Map(before.seals.map(({ path, text }) => [path, text]));
  const seals = readSeals(paths.output.audit).flatMap(({ path, signed }) =>
    signed instanceof TradeBotError || signed.seal.botIdentity !== identity ? [] : [{ path, signed }],
  );
  try {
    const wanted = seals.map(({ path, signed }) => ({
      from: path,
      to: anchoredSealPath(directory, signed),
      text: readFileSync(path, 'utf8'),
    }));
    const added = wanted.filter((copy) => put(copy, known.get(copy.to))).length;
    const { sealPublicKey } = paths.output;
    if (existsSync(sealPublicKey)) {
      const text = readFileSync(sealPublicKey, 'utf8');
      const to = anchoredKeyPath(directory, identity, text);
      put({ from: sealPublicKey, to, text }, before.publicKeys.includes(text) ? text : undefined);
    }
    if (added > 0) syncFolder(directory);
    const newest = [...seals].sort((a, b) => b.signed.seal.count - a.signed.seal.count)[0];
    return { total: known.size + added, added, newest: newest?.signed.seal.sealId ?? null };
  } catch (error) {
    throw anchorError(directory, error);
  }
}

interface Copy {
  readonly from: string;
  readonly to: string;
  readonly text: string;
}

/** True when it was copied. */
function put({ from, to, text }: Copy, known: string | undefined): boolean {
  const found = known ?? (existsSync(to) ? readFileSync(to, 'utf8') : undefined);
  if (found === text) return false;
  if (found !== undefined) throw differs(from, to);
  const temporary = `${to}.${randomBytes(6).toString('hex')}.tmp`;
  writeFileAtomic(temporary, text, 0o444);
  try {
    linkSync(temporary, to);
  } catch (error) {
    const code = systemErrorCode(error) ?? '';
    if (code === 'EEXIST') throw differs(from, to);
    if (!NO_LINKS.includes(code)) throw error;
    // a file system without links, as on a USB stick: nobody else writes files of this bot
    renameSync(temporary, to);
  } finally {
    rmSync(temporary, { force: true });
  }
  return true;
}

/** Makes the directory that a person chose at set-up, outside the home. Throws as `anchorSeals` does. */
export function makeAnchor(paths: Pick<HomePaths, 'home'>, directory: string): void {
  refuseInside(paths, directory);
  try {
    makeFolders(directory, 0o700);
    accessSync(directory, constants.W_OK);
  } catch (error) {
    throw anchorError(directory, error);
  }
}

const NO_LINKS = ['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK'];

/** A copy in the home is lost and forged with the home. */
function refuseInside({ home }: Pick<HomePaths, 'home'>, directory: string): void {
  const below = relative(home, directory);
  if (below.startsWith('..') || isAbsolute(below)) return;
  throw configError({
    code: 'ANCHOR_INSIDE_HOME',
    message: `the anchor directory ${directory} is in the home ${home}`,
    remedy: 'Set SEAL_ANCHOR_DIR to a directory outside the home, best on another disk.',
  });
}

function differs(from: string, to: string): TradeBotError {
  return configError({
    code: 'ANCHOR_DIFFERS',
    message: `${from} differs from its anchored copy ${to}`,
    remedy: 'Keep both files and run tradebot verify: one of them was changed.',
  });
}
