import { spawnSync } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { python } from '../../support/needs.js';

/** Each entry below `folder` without following links: its bytes as latin1, `-> target`, or its kind. */
export function filesAsTheyLie(folder: string): Readonly<Record<string, string>> {
  const files: Record<string, string> = {};
  const walk = (at: string): void => {
    for (const name of readdirSync(at).sort()) {
      const path = join(at, name);
      const found = lstatSync(path);
      const key = relative(folder, path);
      if (found.isSymbolicLink()) files[key] = `-> ${readlinkSync(path)}`;
      else if (found.isDirectory()) {
        files[key] = '(folder)';
        walk(path);
      } else files[key] = found.isFile() ? readFileSync(path, 'latin1') : '(special)';
    }
  };
  walk(folder);
  return files;
}

/** Python, which reads our tokens independently of this program. */
export const cryptography = python('cryptography');
const OPEN = `
import json, sys
from cryptography.fernet import Fernet
read = lambda path: open(path, 'rb').read().strip()
pairs = json.load(sys.stdin)
json.dump([Fernet(read(key)).decrypt(read(token)).decode() for token, key in pairs], sys.stdout)
`;

/** What Python's cryptography finds in each [token file, key file]; throws what it says when one does not open. */
export function openWithPython(pairs: readonly (readonly [string, string])[]): readonly string[] {
  const options = { input: JSON.stringify(pairs), encoding: 'utf8', maxBuffer: 50_000_000 } as const;
  const { stdout, stderr, status } = spawnSync(cryptography.command, ['-c', OPEN], options);
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as readonly string[];
}
