import { rename, rm, writeFile } from 'node:fs/promises';

/**
 * Replaces a file about the present moment: a reader sees the old text or the new one, and nothing is synced, since
 * nobody needs it after a power cut. Rejects with node's file system error.
 */
export async function replaceBriefFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.tmp`;
  await writeFile(temporary, text, { mode: 0o600 });
  await rename(temporary, path);
}

/** Removes it, if it is there and can be removed. */
export async function removeBriefFile(path: string): Promise<void> {
  await rm(path, { force: true }).catch(() => undefined);
}
