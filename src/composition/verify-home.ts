import { readSeal, readSeals, type SealFile } from '../adapters/seal-keys/seal-files.js';
import { verifySignature } from '../adapters/seal-keys/seal-keys.js';
import { storedText } from '../adapters/event-codec/codec.js';
import { checkSeals, type SealCheck, type SealQuestion } from '../app/audit/check-seals.js';
import { findLostHistory, type HistoryEvidence } from '../app/audit/lost-history.js';
import { checkMoves, moveLine, type MoveCheck } from '../app/audit/moved-history.js';
import { restoresOf } from '../app/audit/restored-history.js';
import { TradeBotError } from '../kernel/errors.js';
import type { OpenedHome } from '../adapters/home/home.js';
import type { Journal, VerifyResult } from '../ports/journal.js';
import { homeEvidence } from './home-evidence.js';
import { unsettledRefusals } from './refused-events.js';
import { anchorEvidence, lookAtAnchors, type AnchorLook } from './seal-anchor.js';
import { anchorLines, onlyAnchored, shownAnchors } from './shown-anchors.js';
import { changedIn } from './shown-exports.js';
import { shownRefusal } from './shown-refusals.js';
import { restoreLines, shownRestore } from './shown-restores.js';

/** What to verify with. */
export interface VerifyHomeOptions {
  readonly home: Pick<OpenedHome, 'paths' | 'identity'>;
  readonly journal: Journal;
  /** Trusted key of the seals; undefined while there is none. */
  readonly publicKey: string | undefined;
  /** Checks the journal against this seal only; undefined: all of the home and of its anchors. */
  readonly seal?: string | undefined;
  readonly onProgress?: (checked: number, total: number) => void;
}

/** The result of a verification: for programs, and as lines for people. */
export interface VerifiedHome {
  readonly ok: boolean;
  /** False when the chain of the journal itself is broken. */
  readonly chainIsWhole: boolean;
  readonly result: Readonly<Record<string, unknown>>;
  readonly lines: readonly string[];
}

/**
 * Walks the hash chain of the journal and checks it against its seals and anchors; then compares what the home holds
 * besides: history that is missing, exports that were changed, events that are in no books (JRN-30). Only reads.
 */
export async function verifyHome(options: VerifyHomeOptions): Promise<VerifiedHome> {
  const { home, journal, publicKey, seal, onProgress } = options;
  const inHome = seal === undefined ? readSeals(home.paths.output.audit) : [{ path: seal, signed: readSeal(seal) }];
  const chain = await journal.verify(onProgress);
  const looks = seal === undefined ? await lookAtAnchors({ ...home, journal }) : [];
  const files = [...inHome, ...onlyAnchored(looks, inHome)];
  const restored = chain.ok ? await restoresOf(journal) : [];
  const trust = { identity: home.identity, publicKey, verifySignature, restores: restored };
  const walked = { journal, storedText };
  const seals = [...(await checkSeals(walked, readable(files), chain, trust)), ...unreadable(files)];
  const asked = seal !== undefined || !chain.ok;
  const found: Found = {
    ...{ chain, seals, moves: chain.ok ? await checkMoves(walked) : [] },
    restores: restored.map((one) => shownRestore(home.paths, one)),
    anchors: shownAnchors(looks, inHome),
    lost: asked ? [] : await findLostHistory(journal, restOf(home, seals, looks)),
    refused: asked ? [] : await unsettledRefusals(home.paths, journal),
    changed: asked ? [] : await changedIn(journal, homeEvidence(home.paths, home.identity).exports),
  };
  const ok = isOk(found);
  return {
    ok,
    chainIsWhole: chain.ok,
    result: resultOf(found, ok),
    lines: linesOf(found, home, { asked: seal !== undefined, inHome }),
  };
}

interface Found {
  readonly chain: VerifyResult;
  readonly seals: readonly SealCheck[];
  readonly moves: readonly MoveCheck[];
  readonly restores: readonly ReturnType<typeof shownRestore>[];
  readonly anchors: ReturnType<typeof shownAnchors>;
  readonly lost: Awaited<ReturnType<typeof findLostHistory>>;
  readonly refused: Awaited<ReturnType<typeof unsettledRefusals>>;
  readonly changed: Awaited<ReturnType<typeof changedIn>>;
}

function isOk({ chain, seals, moves, restores, lost, refused, changed }: Found): boolean {
  return (
    chain.ok &&
    lost.length === 0 &&
    changed.length === 0 &&
    refused.length === 0 &&
    moves.every((move) => move.ok) &&
    restores.every(({ kept }) => kept !== 'differs') &&
    seals.every((seal) => seal.faults.length === 0)
  );
}

function resultOf(
  { chain, seals, moves, restores, anchors, lost, refused, changed }: Found,
  ok: boolean,
): object & VerifiedHome['result'] {
  return {
    ...chain,
    ok,
    ...(seals.length === 0 ? {} : { seals }),
    ...(lost.length === 0 ? {} : { lost }),
    ...(changed.length === 0 ? {} : { changed }),
    ...(refused.length === 0 ? {} : { refused }),
    ...(anchors.length === 0 ? {} : { anchors }),
    ...(moves.length === 0 ? {} : { moves: moves.map(({ at, ok: same, data }) => ({ at, ok: same, ...data })) }),
    ...(restores.length === 0 ? {} : { restores: restores.map(({ at, kept, data }) => ({ at, kept, ...data })) }),
  };
}

function linesOf(
  { chain, seals, moves, restores, anchors, lost, refused, changed }: Found,
  { paths }: Pick<OpenedHome, 'paths'>,
  { asked, inHome }: { readonly asked: boolean; readonly inHome: readonly SealFile[] },
): readonly string[] {
  return [
    chain.ok
      ? `ok, ${chain.count} events, head ${chain.head ?? 'none'}`
      : `DAMAGED at position ${chain.position}: ${chain.message} (${chain.code})`,
    ...(chain.findings ?? []).map(({ kind, message, remedy }) => `${kind.toUpperCase()}: ${message}. ${remedy}`),
    ...(chain.ok && chain.eventsDigest !== undefined ? [`digest of the events alone ${chain.eventsDigest}`] : []),
    // A damaged chain has one line: every seal would only repeat it.
    ...(!chain.ok && !asked ? [] : sealLines(seals)),
    ...lost.map(({ code, message }) => `HISTORY MISSING: ${message} (${code})`),
    ...changed.map(
      ({ path, sha256 }) =>
        `EXPORT CHANGED: ${path} has the SHA-256 ${sha256}, the journal has another one (EVIDENCE_DIFFERS)`,
    ),
    ...refused.map((event) => `NOT IN THE BOOKS: ${shownRefusal(event)}`),
    ...anchorLines(anchors, inHome.length),
    ...moves.map(moveLine),
    ...restoreLines(restores, paths),
  ];
}

function sealLines(seals: readonly SealCheck[]): readonly string[] {
  const broken = seals.flatMap(({ source, faults }) =>
    faults.map(({ code, message }) => `SEAL MISMATCH: ${message} (${code}), ${source}`),
  );
  const dropped = seals.flatMap(({ sealId, source, faults, droppedBy }) =>
    droppedBy === undefined || faults.length > 0
      ? []
      : [`seal ${sealId}: its events were dropped by the restore at position ${droppedBy}, ${source}`],
  );
  const fitting = seals.filter((seal) => seal.faults.length === 0 && seal.droppedBy === undefined);
  const newest = [...fitting].sort((a, b) => b.count - a.count)[0];
  if (newest === undefined) return [...broken, ...dropped];
  const how =
    fitting.length === 1
      ? `seal ${newest.sealId} matches`
      : `${fitting.length} seals match, the newest ${newest.sealId}`;
  return [...broken, ...dropped, `${how}: it covers ${newest.count} events`];
}

/** The evidence of the home without the seals that were found not to fit already. */
function restOf(
  home: VerifyHomeOptions['home'],
  checks: readonly SealCheck[],
  looks: readonly AnchorLook[],
): HistoryEvidence {
  const broken = checks.filter(({ faults }) => faults.length > 0).map(({ source }) => source);
  const evidence = homeEvidence(home.paths, home.identity);
  const anchored = anchorEvidence(home, looks);
  const marks = [...evidence.marks, ...anchored.marks];
  return { ...evidence, ...anchored, marks: marks.filter(({ name }) => !broken.some((path) => name.includes(path))) };
}

function readable(files: readonly SealFile[]): readonly SealQuestion[] {
  return files.flatMap(({ path, signed }) => (signed instanceof TradeBotError ? [] : [{ source: path, signed }]));
}

function unreadable(files: readonly SealFile[]): readonly SealCheck[] {
  return files.flatMap(({ path, signed }): readonly SealCheck[] => {
    if (!(signed instanceof TradeBotError)) return [];
    return [{ source: path, sealId: path, count: 0, faults: [{ code: 'SEAL_DAMAGED', message: signed.message }] }];
  });
}
