import type { Command } from 'commander';
import { storedText } from '../../../adapters/event-codec/codec.js';
import { writeFileAtomic } from '../../../adapters/files/atomic-write.js';
import { causeText } from '../../../adapters/files/system-error.js';
import type { OpenedHome } from '../../../adapters/home/home.js';
import { openLedger } from '../../../adapters/ledger-reader/open-ledger.js';
import { readProof, readSeal, readSeals } from '../../../adapters/seal-keys/seal-files.js';
import { readPublicKey, verifySignature } from '../../../adapters/seal-keys/seal-keys.js';
import { proveEvent } from '../../../app/audit/prove-event.js';
import { proofFaults, proofText, type InclusionProof, type ProofFault } from '../../../domain/audit/proof.js';
import { sealMessage, type SignedSeal } from '../../../domain/audit/seal.js';
import { configError, dataError, TradeBotError } from '../../../kernel/errors.js';
import { existingHome, withJournal, type CliContext, type ExitCode, type GlobalFlags } from '../context.js';
import { runs } from '../runs.js';

interface ProofFlags extends GlobalFlags {
  readonly seal?: string;
  readonly out?: string;
}

interface CheckFlags extends GlobalFlags {
  readonly publicKey?: string;
}

/** `tradebot proof`: one small file that proves one event to an auditor without the rest of the journal (JRN-30). */
export function registerProof(program: Command, context: CliContext): void {
  const command = program
    .command('proof')
    .description('prove a single event, such as a fill, with one small file')
    .argument('<id>', "an event id, a broker's execution id, or a FITID of the ledger")
    .option('--seal <file>', 'seal to prove it under (default: the newest in the home)')
    .option('--out <file>', 'output file (default: stdout)');
  runs(command, (flags: ProofFlags, [id]) => prove(context, flags, id ?? ''));
}

/** `tradebot check-proof`: needs no home and no journal; a public key from an independent source makes it stronger. */
export function registerCheckProof(program: Command, context: CliContext): void {
  const command = program
    .command('check-proof')
    .description('check a proof file; needs neither a home nor a journal')
    .argument('<file>', 'a file that `tradebot proof` wrote')
    .option('--public-key <file>', 'trusted public key of the seal (default: the key in the proof)');
  runs(command, (flags: CheckFlags, [file]) => check(context, flags, file ?? ''));
}

async function prove(context: CliContext, flags: ProofFlags, id: string): Promise<ExitCode> {
  const { output } = context;
  const home = existingHome(context, flags);
  const signed = flags.seal === undefined ? newestSeal(home) : readSeal(flags.seal);
  const proof = await withJournal(context, home, (journal) =>
    proveEvent({ journal, storedText }, sourceOf(home, id), signed),
  );
  const text = proofText(proof);
  if (flags.out === undefined) {
    await output.stream(text);
    return 0;
  }
  writeOut(flags.out, text);
  const { index, path } = proof.inclusion;
  output.result({ ok: true, path: flags.out, index, hashes: path.length, sealId: signed.seal.sealId });
  output.say(flags.out);
  output.say(
    `  event ${index + 1} of ${signed.seal.count}, ${path.length} hashes up to the root of seal ${signed.seal.sealId}`,
  );
  return 0;
}

const FITID = /^[0-9a-f]{64}$/;

/** A FITID names a group of the ledger, and the group its event; any other id goes to the journal unchanged. */
function sourceOf(home: OpenedHome, id: string): string {
  if (!FITID.test(id)) return id;
  const ledger = openLedger(home.paths.output.ledgerDb);
  try {
    return ledger.groups().find((group) => group.fitid === id)?.sourceEventId ?? id;
  } finally {
    ledger.close();
  }
}

function newestSeal(home: OpenedHome): SignedSeal {
  const seals = readSeals(home.paths.output.audit).flatMap(({ signed }) =>
    signed instanceof TradeBotError ? [] : [signed],
  );
  const newest = seals.sort((a, b) => b.seal.count - a.seal.count)[0];
  if (newest !== undefined) return newest;
  throw dataError({
    code: 'NO_SEAL',
    message: `${home.paths.home} has no seal yet`,
    remedy: 'Run `tradebot seal` first, or pass one with --seal.',
  });
}

function writeOut(path: string, text: string): void {
  try {
    writeFileAtomic(path, text, 0o644);
  } catch (cause) {
    throw configError({
      code: 'OUT_NOT_WRITABLE',
      message: `${path} cannot be written: ${causeText(cause)}`,
      remedy: 'Give --out a file in a folder that this user can write to.',
      cause,
    });
  }
}

const WHY: Readonly<Record<ProofFault | 'SIGNATURE' | 'KEY', string>> = {
  BODY_HASH: 'the event was changed: its text does not match its hash',
  PATH: 'the event is not covered by the seal: its path does not lead to the sealed root',
  BOT: 'event and seal belong to different bots',
  SIGNATURE: 'the seal was changed: it does not match its signature',
  KEY: 'the seal is not signed with the trusted key',
};

async function check(context: CliContext, flags: CheckFlags, file: string): Promise<ExitCode> {
  const { output } = context;
  const proof = readProof(file);
  const trusted = flags.publicKey === undefined ? undefined : readPublicKey(flags.publicKey);
  const faults = faultsOf(proof, trusted);
  const { seal, publicKey } = proof.seal;
  output.result({ ok: faults.length === 0, faults, seal, publicKey, keyTrusted: trusted !== undefined });
  if (faults.length > 0) {
    for (const fault of faults) output.say(`NOT PROVEN: ${WHY[fault]} (${fault})`);
    return 3;
  }
  output.say(
    `proven: event ${proof.inclusion.index + 1} of ${seal.count} under seal ${seal.sealId} of ${seal.botIdentity}`,
  );
  output.say(proof.event.body);
  output.say(
    trusted === undefined
      ? `signed with ${publicKey}: compare it with a key from an independent source (--public-key)`
      : 'signed with the given key',
  );
  return 0;
}

function faultsOf(proof: InclusionProof, trusted: string | undefined): readonly (keyof typeof WHY)[] {
  const faults: (keyof typeof WHY)[] = [...proofFaults(proof)];
  if (!verifySignature(sealMessage(proof.seal.seal), proof.seal)) faults.push('SIGNATURE');
  if (trusted !== undefined && proof.seal.publicKey !== trusted) faults.push('KEY');
  return faults;
}
