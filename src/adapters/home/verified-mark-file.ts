import { readFileSync, rmSync } from 'node:fs';
import type { VerifiedMark } from '../../app/audit/verified-chain.js';
import type { Position } from '../../events/event.js';
import { sha256Hex, type Sha256Hex } from '../../kernel/hash.js';
import type { JournalHead } from '../../ports/journal.js';
import { writeFileAtomic } from '../files/atomic-write.js';

const LONGEST_BYTES = 1_000;

/**
 * The mark of the last verification as a small file of the home. Best effort: a mark that cannot be read or written only
 * costs a verification of the whole journal.
 */
export class VerifiedMarkFile implements VerifiedMark {
  constructor(private readonly path: string) {}

  read(): JournalHead | undefined {
    try {
      const text = readFileSync(this.path, 'utf8').slice(0, LONGEST_BYTES);
      const { position, hash, count, check } = JSON.parse(text) as Readonly<Record<string, unknown>>;
      if (typeof position !== 'string' || typeof hash !== 'string' || typeof count !== 'number') return undefined;
      const head: JournalHead = { position: position as Position, hash: hash as Sha256Hex, count };
      return check === checkOf(head) ? head : undefined;
    } catch {
      return undefined;
    }
  }

  keep(head: JournalHead): void {
    const { position, hash, count } = head;
    try {
      writeFileAtomic(this.path, `${JSON.stringify({ position, hash, count, check: checkOf(head) })}\n`);
    } catch {
      // A full or read-only disk: the next verification starts at the older mark.
    }
  }

  forget(): void {
    try {
      rmSync(this.path, { force: true });
    } catch {
      // The journal does not fit it, or the next verification finds the damage after it.
    }
  }
}

/** Detects a damaged file, not a forged one. */
function checkOf({ position, hash, count }: JournalHead): Sha256Hex {
  return sha256Hex(`${position} ${count} ${hash}`);
}
