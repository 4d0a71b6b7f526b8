import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { parseSignedSeal, type SignedSeal } from '../../domain/audit/seal.js';
import { anchorFile } from '../../domain/home/home-paths.js';
import type { BotIdentity } from '../../kernel/identity.js';
import { configError, TradeBotError } from '../../kernel/errors.js';
import { RunningTimer } from '../clock/running-timer.js';
import { causeText, systemErrorCode } from '../files/system-error.js';

/** A seal in an anchor directory. */
export interface AnchoredSeal {
  readonly path: string;
  readonly text: string;
  /** Or why it cannot be read as a seal. */
  readonly signed: SignedSeal | TradeBotError;
}

/** What an anchor directory has of one bot. */
export interface Anchored {
  readonly directory: string;
  readonly seals: readonly AnchoredSeal[];
  /** Texts of public keys, PEM. */
  readonly publicKeys: readonly string[];
}

/** A mount that does not answer must not hold a start. Milliseconds. */
const WITHIN_MS = 5_000;
const MOST_FILES = 100_000;

/** Name of a seal in an anchor directory: two bots, and two histories of one, never share one. */
export function anchoredSealPath(directory: string, { seal }: SignedSeal): string {
  return anchorFile(directory, `${seal.botIdentity}_seal_${seal.sealId}_${seal.hash.slice(0, 16)}.json`);
}

/** Name of a public key in an anchor directory. */
export function anchoredKeyPath(directory: string, identity: BotIdentity, pem: string): string {
  const digest = createHash('sha256').update(pem).digest('hex').slice(0, 16);
  return anchorFile(directory, `${identity}_journal_seal_${digest}.pub`);
}

/**
 * Reads what a directory has of a bot. Throws ConfigError `ANCHOR_MISSING` (no such folder, a mount that is away),
 * `ANCHOR_UNREADABLE`, or `ANCHOR_SILENT` when it does not answer.
 */
export async function readAnchor(directory: string, identity: BotIdentity, withinMs = WITHIN_MS): Promise<Anchored> {
  let timer: RunningTimer | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = new RunningTimer(withinMs, () => reject(silent(directory, withinMs)));
  });
  try {
    return await Promise.race([read(directory, identity), late]);
  } catch (error) {
    throw anchorError(directory, error);
  } finally {
    timer?.cancel();
  }
}

async function read(directory: string, identity: BotIdentity): Promise<Anchored> {
  const names = (await readdir(directory)).filter((name) => name.startsWith(`${identity}_`)).sort();
  const seals: AnchoredSeal[] = [];
  const publicKeys: string[] = [];
  for (const name of names.slice(0, MOST_FILES)) {
    const isSeal = name.startsWith(`${identity}_seal_`) && name.endsWith('.json');
    const isKey = name.startsWith(`${identity}_journal_seal_`) && name.endsWith('.pub');
    if (!isSeal && !isKey) continue;
    const path = anchorFile(directory, name);
    const text = await readFile(path, 'utf8');
    if (isKey) publicKeys.push(text);
    else seals.push({ path, text, signed: parsed(text, path) });
  }
  return { directory, seals, publicKeys };
}

function parsed(text: string, path: string): SignedSeal | TradeBotError {
  try {
    return parseSignedSeal(text, path);
  } catch (error) {
    if (error instanceof TradeBotError) return error;
    throw error;
  }
}

/** A failure of the anchor's disk with its cause and remedy. */
export function anchorError(directory: string, cause: unknown): TradeBotError {
  if (cause instanceof TradeBotError) return cause;
  const system = systemErrorCode(cause) ?? '';
  if (['ENOENT', 'ENOTDIR'].includes(system)) {
    return configError({
      code: 'ANCHOR_MISSING',
      message: `the anchor directory ${directory} is missing`,
      remedy: 'Mount it or create it, or change SEAL_ANCHOR_DIR.',
      cause,
    });
  }
  const full = ['ENOSPC', 'EDQUOT'].includes(system);
  return configError({
    code: full ? 'ANCHOR_FULL' : 'ANCHOR_UNUSABLE',
    message: `the anchor directory ${directory} cannot be used: ${causeText(cause)}`,
    remedy: full ? 'Free space there.' : 'Let this user read and write there, or change SEAL_ANCHOR_DIR.',
    cause,
  });
}

function silent(directory: string, withinMs: number): TradeBotError {
  return configError({
    code: 'ANCHOR_SILENT',
    message: `the anchor directory ${directory} does not answer within ${withinMs} ms`,
    remedy: 'Check its mount, or change SEAL_ANCHOR_DIR.',
  });
}
