import type { Command } from 'commander';
import { readPublicKey, verifySignature } from '../../../adapters/seal-keys/seal-keys.js';
import { readSeal, readSeals, type SealFile } from '../../../adapters/seal-keys/seal-files.js';
import { checkSeals, type SealCheck, type SealQuestion } from '../../../app/audit/check-seals.js';
import { findLostHistory, type HistoryEvidence } from '../../../app/audit/lost-history.js';
import { restoresOf } from '../../../app/audit/restored-history.js';
import { TradeBotError } from '../../../kernel/errors.js';
import type { OpenedHome } from '../../../adapters/home/home.js';
import type { VerifyResult } from '../../../ports/journal.js';
import { homeEvidence } from '../../../composition/home-evidence.js';
import { unsettledRefusals } from '../../../composition/refused-events.js';
import { anchorEvidence, lookAtAnchors, type AnchorLook } from '../../../composition/seal-anchor.js';
import { sealKeysOf } from '../../../composition/seal-keys.js';
import { existingHome, withJournal, type CliContext, type ExitCode, type GlobalFlags } from '../context.js';
import { masterKeySource } from '../master-key.js';
import type { Output } from '../output.js';
import { runs } from '../runs.js';
import { onlyAnchored, sayAnchors, shownAnchors } from '../shown-anchors.js';
import { changedIn } from '../shown-exports.js';
import { shownRefusal } from '../shown-refusals.js';
import { sayRestores, shownRestore } from '../shown-restores.js';

interface VerifyFlags extends GlobalFlags {
  readonly seal?: string;
  readonly publicKey?: string;
}

/**
 * `tradebot verify`: walks the hash chain of the journal and checks it against its seals (JRN-30): the given seal, or all
 * seals of the home. Exit 3, with position and cause, when the journal, a seal or a published export was changed, or when
 * an event could not be applied and nobody has settled it.
 */
export function registerVerify(program: Command, context: CliContext): void {
  const command = program
    .command('verify')
    .description('verify the hash chain of the whole journal and its seals')
    .option('--seal <file>', 'check the journal against this seal (default: all seals in the home)')
    .option('--public-key <file>', 'trusted public key of the seals (default: the key of the home)');
  runs(command, (flags: VerifyFlags) => verify(context, flags));
}

async function verify(context: CliContext, flags: VerifyFlags): Promise<ExitCode> {
  const { output } = context;
  const home = existingHome(context, flags);
  const keys = sealKeysOf(home.paths, masterKeySource(context, home.paths.home));
  const publicKey = flags.publicKey === undefined ? keys.knownPublicKey() : readPublicKey(flags.publicKey);
  const inHome = sealFiles(home, flags);
  const bar = output.progress('Verifying', 'events');
  const { chain, seals, lost, restores, anchors, changed, refused } = await withJournal(
    context,
    home,
    async (journal) => {
      const found = await journal.verify(bar.update);
      const trust = { identity: home.identity, publicKey, verifySignature };
      const looks = flags.seal === undefined ? await lookAtAnchors({ ...home, journal }) : [];
      const files = [...inHome, ...onlyAnchored(looks, inHome)];
      const restored = found.ok ? await restoresOf(journal) : [];
      const checks = [
        ...(await checkSeals(journal, readable(files), found, { ...trust, restores: restored })),
        ...unreadable(files),
      ];
      const asked = flags.seal !== undefined || !found.ok;
      return {
        chain: found,
        seals: checks,
        restores: restored.map((one) => shownRestore(home.paths, one)),
        anchors: shownAnchors(looks, inHome),
        lost: asked ? [] : await findLostHistory(journal, restOf(home, checks, looks)),
        refused: asked ? [] : await unsettledRefusals(home.paths, journal),
        changed: asked ? [] : await changedIn(journal, homeEvidence(home.paths, home.identity).exports),
      };
    },
  ).finally(bar.stop);
  const ok =
    chain.ok &&
    lost.length === 0 &&
    changed.length === 0 &&
    refused.length === 0 &&
    restores.every(({ kept }) => kept !== 'differs') &&
    seals.every((seal) => seal.faults.length === 0);
  output.result({
    ...chain,
    ok,
    ...(seals.length === 0 ? {} : { seals }),
    ...(lost.length === 0 ? {} : { lost }),
    ...(changed.length === 0 ? {} : { changed }),
    ...(refused.length === 0 ? {} : { refused }),
    ...(anchors.length === 0 ? {} : { anchors }),
    ...(restores.length === 0 ? {} : { restores: restores.map(({ at, kept, data }) => ({ at, kept, ...data })) }),
  });
  say(output, chain, seals, flags.seal !== undefined);
  for (const { code, message } of lost) output.say(`HISTORY MISSING: ${message} (${code})`);
  for (const { path, sha256 } of changed) {
    output.say(`EXPORT CHANGED: ${path} has the SHA-256 ${sha256}, the journal has another one (EVIDENCE_DIFFERS)`);
  }
  for (const event of refused) output.say(`NOT IN THE BOOKS: ${shownRefusal(event)}`);
  sayAnchors(output, anchors, inHome.length);
  sayRestores(output, restores, home.paths);
  return ok ? 0 : 3;
}

/** The evidence of the home without the seals that were found not to fit already. */
function restOf(home: OpenedHome, checks: readonly SealCheck[], looks: readonly AnchorLook[]): HistoryEvidence {
  const broken = checks.filter(({ faults }) => faults.length > 0).map(({ source }) => source);
  const evidence = homeEvidence(home.paths, home.identity);
  const anchored = anchorEvidence(home, looks);
  const marks = [...evidence.marks, ...anchored.marks];
  return { ...evidence, ...anchored, marks: marks.filter(({ name }) => !broken.some((path) => name.includes(path))) };
}

function sealFiles(home: OpenedHome, flags: VerifyFlags): readonly SealFile[] {
  if (flags.seal === undefined) return readSeals(home.paths.output.audit);
  return [{ path: flags.seal, signed: readSeal(flags.seal) }];
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

/** A damaged chain prints one line: every seal would only repeat it. */
function say(output: Output, chain: VerifyResult, seals: readonly SealCheck[], asked: boolean): void {
  if (chain.ok) output.say(`ok, ${chain.count} events, head ${chain.head ?? 'none'}`);
  else output.say(`DAMAGED at position ${chain.position}: ${chain.message} (${chain.code})`);
  if (!chain.ok && !asked) return;
  const broken = seals.filter((seal) => seal.faults.length > 0);
  for (const { source, faults } of broken) {
    for (const { code, message } of faults) output.say(`SEAL MISMATCH: ${message} (${code}), ${source}`);
  }
  for (const { sealId, source, faults, droppedBy } of seals) {
    if (droppedBy === undefined || faults.length > 0) continue;
    output.say(`seal ${sealId}: its events were dropped by the restore at position ${droppedBy}, ${source}`);
  }
  const fitting = seals.filter((seal) => seal.faults.length === 0 && seal.droppedBy === undefined);
  const newest = [...fitting].sort((a, b) => b.count - a.count)[0];
  if (newest === undefined) return;
  const how =
    fitting.length === 1
      ? `seal ${newest.sealId} matches`
      : `${fitting.length} seals match, the newest ${newest.sealId}`;
  output.say(`${how}: it covers ${newest.count} events`);
}
