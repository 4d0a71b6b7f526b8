import { closeSync, fsyncSync, openSync } from 'node:fs';
import type { KitDb } from './kit-db.js';

/** Endings of files that are being made to take the place of the one without it. */
export const SHADOW = '.rebuild';
export const PUBLISH = '.publish';

/** What the live and the shadow targets of one home share. */
export interface TargetsContext {
  readonly kit: KitDb;
  readonly under: (path: string) => string;
  readonly onStep: (step: string) => void;
  readonly finishSwap: (name: string) => void;
}

/** Makes the bytes of a closed file durable. */
export function syncFile(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
