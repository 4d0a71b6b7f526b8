import { existsSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { HomePaths } from '../../domain/home/home-paths.js';
import { invariant } from '../../kernel/errors.js';
import { makeFolders } from '../files/make-folders.js';
import { namesIn } from '../files/names-in.js';

const MOST_REPLACED = 10_000;
const REPLACED = /^replaced-\d+$/;

/**
 * Moves a journal that starts over, with its seals, its public key and its exports, into a folder of its own: what was
 * sealed or published is never deleted. A home that proves nothing, or the same as a folder that is there already, byte
 * for byte, needs none. The evidence goes first, so that a crash leaves a journal that its home does not contradict.
 */
export function setEvidenceAside(paths: HomePaths): void {
  const { audit, exports } = paths.output;
  const evidence = [...filesBelow(audit, 'audit'), ...filesBelow(exports, 'exports')];
  if (evidence.length === 0) return;
  const folders = replacedFolders(paths);
  if (folders.some((folder) => evidence.every(({ path, name }) => sameFile(path, join(folder, name))))) return;
  const folder = freeFolder(paths);
  for (const { path, name } of evidence) move(path, join(folder, name));
  const { journalDb } = paths.storage;
  for (const end of ['', '-wal']) {
    if (existsSync(journalDb + end)) move(journalDb + end, join(folder, basename(journalDb) + end));
  }
}

/** Deletes the journal with its log. Everything else in its folder stays: replaced journals, copies that were saved. */
export function deleteJournal({ storage }: HomePaths): void {
  for (const end of ['', '-wal', '-shm']) rmSync(storage.journalDb + end, { force: true });
}

interface Evidence {
  readonly path: string;
  /** Below the folder that it is moved to. */
  readonly name: string;
}

function filesBelow(folder: string, name: string): readonly Evidence[] {
  return namesIn(folder).flatMap((entry): readonly Evidence[] => {
    const path = join(folder, entry);
    const below = `${name}/${entry}`;
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
      ? filesBelow(path, below)
      : [{ path, name: below }];
  });
}

function replacedFolders({ storage }: HomePaths): readonly string[] {
  return namesIn(storage.journalDir)
    .filter((name) => REPLACED.test(name))
    .map((name) => join(storage.journalDir, name));
}

function freeFolder(paths: HomePaths): string {
  for (let n = 1; n <= MOST_REPLACED; n += 1)
    if (!existsSync(paths.replacedJournal(n))) return paths.replacedJournal(n);
  invariant(false, 'TOO_MANY_REPLACED', `there are already ${MOST_REPLACED} replaced journals`);
}

function move(from: string, to: string): void {
  makeFolders(dirname(to), 0o700);
  renameSync(from, to);
}

function sameFile(one: string, other: string): boolean {
  return existsSync(other) && readFileSync(one).equals(readFileSync(other));
}
