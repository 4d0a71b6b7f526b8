import { lacksOf } from '../../composition/copy-home-journal.js';
import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { digestOf } from '../../adapters/projection-targets/compare-files.js';
import { readCheckpoint, readStops } from '../../adapters/projection-targets/read-checkpoint.js';
import { JournalTree } from '../../app/audit/journal-tree.js';
import { sealNow } from '../../app/audit/seal-journal.js';
import type { BookTaskResult, WorkerBookTask } from '../../app/book-tasks/book-task.js';
import type { ExportFacts, SealFacts } from '../../app/book-tasks/task-facts.js';
import type { ExportOnDemandParts } from '../../app/exports/export-books.js';
import { exportWanted } from '../../app/exports/wanted-export.js';
import { EngineAppender } from '../../app/journal/engine-appender.js';
import { foldJournal } from '../../app/journal/fold-journal.js';
import { bookCodesOf } from '../../domain/accounting/book-codes.js';
import { homePaths, type HomePaths } from '../../domain/home/home-paths.js';
import { EngineState } from '../../domain/session/engine-state.js';
import type { Actor, Position } from '../../events/event.js';
import { dataError, TradeBotError } from '../../kernel/errors.js';
import { composeBotIdentity, type BotIdentity, type BotIdentityParts } from '../../kernel/identity.js';
import type { Clock } from '../../kernel/time.js';
import type { Journal } from '../../ports/journal.js';
import {
  chainVerifier,
  openHomeJournal,
  openJournalOf,
  requireHomeJournal,
} from '../../composition/open-home-journal.js';
import { sealKeysOf } from '../../composition/seal-keys.js';
import { statementSource } from '../../composition/statement-source.js';
import { homeJournalAddress } from '../../composition/home-journal-address.js';
import { verifyHome } from '../../composition/verify-home.js';
import { backUpHome } from './back-up-home.js';
import { notProvisioned } from './not-provisioned.js';

/** The home of a book task, and who asked for it. */
export interface BookTaskHome {
  readonly home: string;
  /** Null before the set-up. */
  readonly identityParts: BotIdentityParts | null;
  readonly masterKeyFile: string | null;
  readonly clock: Clock;
  readonly actor: Actor;
}

/** How long the projector may take to come to the head of the journal (machine time): more is a stopped or rebuilt ledger. */
const PROJECTED_WITHIN_MS = 60_000;
const PAUSE_MS = 100;

/** Does the task next to the processes that trade and project. Throws what refuses it; nothing half-made is left then. */
export async function doBookTask(of: BookTaskHome, task: WorkerBookTask): Promise<BookTaskResult> {
  const { identityParts } = of;
  if (identityParts === null) throw notProvisioned(of.home);
  const identity = composeBotIdentity(identityParts);
  const paths = homePaths(of.home, identity);
  const { clock } = of;
  const address = homeJournalAddress({ storage: paths.storage, clock, masterKeyFile: of.masterKeyFile });
  requireHomeJournal(paths, address);
  // a damaged journal is verified too: the result says where
  const journal =
    task.kind === 'verify'
      ? await openJournalOf({ paths, identity, clock, address })
      : await openHomeJournal({ paths, identity, clock, address });
  try {
    const books: Books = { ...of, identityParts, paths, identity, journal };
    switch (task.kind) {
      case 'export':
        return await exportTask(books, task);
      case 'seal':
        return await sealTask(books);
      case 'verify':
        return await verifyTask(books);
      case 'backup':
        return await backupTask(books);
    }
  } finally {
    await journal.close();
  }
}

interface Books extends BookTaskHome {
  readonly identityParts: BotIdentityParts;
  readonly paths: HomePaths;
  readonly identity: BotIdentity;
  readonly journal: Journal;
}

async function exportTask(
  books: Books,
  { format, wanted }: Extract<WorkerBookTask, { readonly kind: 'export' }>,
): Promise<BookTaskResult> {
  const { paths, identity, identityParts, journal, home } = books;
  await chainVerifier(paths, journal).verifyWhole();
  const codes = bookCodesOf(identityParts);
  const appender = await engineAppender(books);
  const { state } = appender;
  const made = await exportWanted(
    {
      ...{ home, journal, state, appender },
      statement: statementSource({ paths, identity, identityParts, codes }),
      projector: { catchUp: () => ledgerAtHead(paths, journal) },
    },
    format,
    wanted,
  );
  const { name, sha256, groups, period, openSession } = made;
  const path = paths.exportFile(format, name);
  const file = relative(home, path);
  await fileIsThere(path);
  const found = digestOf(path);
  const upTo = `up to position ${period.entries.upTo}`;
  const entries = `${name}: ${groups} ledger groups ${upTo}${made.made ? '' : ', exported before'}`;
  const findings = [`SHA-256 ${sha256}`, ...openLines(openSession)];
  const differs = `${file} has the SHA-256 ${found ?? 'of no file'}, by the journal it is ${sha256} (EVIDENCE_DIFFERS)`;
  const evidence = found === sha256 ? [] : [differs];
  const ok = evidence.length === 0;
  const open = openSession === null ? {} : { openSession, upTo: period.entries.upTo };
  const facts: ExportFacts = { ok, format, name, sha256, groups, made: made.made, path, evidence, ...open };
  return { ok, summary: entries, findings: [...evidence, ...findings], file, facts };
}

function openLines(session: string | null): readonly string[] {
  if (session === null) return [];
  return [`The session of ${session} is open: its statement at its end has these entries again, by the same ids.`];
}

async function sealTask(books: Books): Promise<BookTaskResult> {
  const { paths, journal, clock, home, masterKeyFile } = books;
  const chain = chainVerifier(paths, journal);
  await chain.verifyWhole();
  const keys = sealKeysOf(paths, { file: () => masterKeyFile, clock });
  keys.open();
  const appender = await engineAppender(books);
  const { data, made } = await sealNow({ appender, chain, clock, tree: new JournalTree(journal) }, journal);
  const path = paths.sealFile(data.sealId);
  await fileIsThere(path);
  const summary = `${made ? 'sealed' : 'already sealed'}: ${data.count} events, head ${data.hash}`;
  const facts: SealFacts = { ok: true, made, ...data, path, publicKey: keys.knownPublicKey() ?? null };
  return { ok: true, summary, findings: [], file: relative(home, path), facts };
}

async function verifyTask({ paths, identity, journal, masterKeyFile, clock }: Books): Promise<BookTaskResult> {
  const keys = sealKeysOf(paths, { file: () => masterKeyFile, clock });
  const publicKey = keys.knownPublicKey();
  const { ok, chainIsWhole, lines } = await verifyHome({ home: { paths, identity }, journal, publicKey });
  const [summary = '', ...findings] = lines;
  return { ok, summary, findings, file: null, ...(chainIsWhole ? {} : { journalDamaged: true }) };
}

async function backupTask({ paths, journal, identity, clock, actor, home }: Books): Promise<BookTaskResult> {
  const { path, manifest } = await backUpHome({ paths, journal, identity, clock, actor, folder: paths.backups });
  const { count, headHash, sha256 } = manifest;
  const summary = `${count} events, head ${headHash}`;
  const lacks = lacksOf(manifest, paths);
  const ok = manifest.findings === undefined;
  return { ok, summary, findings: [`SHA-256 ${sha256}`, ...lacks], file: relative(home, path) };
}

/** Appends as the person who asked, on the state that the journal gives. */
async function engineAppender({ journal, clock, identity, identityParts, actor }: Books): Promise<EngineAppender> {
  const state = new EngineState(bookCodesOf(identityParts));
  await foldJournal(journal, state);
  return new EngineAppender({ journal, clock, identity, actor, state });
}

/** Waits until the ledger has every event up to the present head. Throws LEDGER_BEHIND (retry). */
async function ledgerAtHead(
  paths: HomePaths,
  journal: Pick<Journal, 'head'>,
): ReturnType<ExportOnDemandParts['projector']['catchUp']> {
  const wanted = (await journal.head())?.position;
  for (let waited = 0; ; waited += PAUSE_MS) {
    const stopped = stopOf(paths);
    const reached = readCheckpoint(paths.output.ledgerDb, 'ledger')?.position ?? null;
    if (stopped !== null || wanted === undefined || (reached !== null && reached >= wanted)) {
      return { projections: [{ name: 'ledger', stopped }] };
    }
    if (waited >= PROJECTED_WITHIN_MS) throw behind(reached, wanted);
    await pause(PAUSE_MS);
  }
}

function stopOf({ storage }: HomePaths): ReturnType<typeof readStops>[number] | null {
  return readStops(storage.projectionsDb).find(({ name }) => name === 'ledger') ?? null;
}

function behind(reached: Position | null, wanted: Position): TradeBotError {
  return new TradeBotError('DataError', 'retry', {
    code: 'LEDGER_BEHIND',
    message: `the ledger is at ${reached === null ? 'no event' : `position ${reached}`}, the journal at ${wanted}`,
    remedy: 'Nothing was exported. Try again; when it lasts, see the lag of the ledger on the status page.',
  });
}

/** The projector writes the file of a journaled export or seal. Throws FILE_NOT_WRITTEN (retry) when it takes too long. */
async function fileIsThere(path: string): Promise<void> {
  for (let waited = 0; !existsSync(path); waited += PAUSE_MS) {
    if (waited >= PROJECTED_WITHIN_MS) {
      throw dataError({
        code: 'FILE_NOT_WRITTEN',
        message: `${path} is journaled, but the projector has not written it yet`,
        remedy: 'It is written when the projector has caught up: see the status page, and ask again.',
      });
    }
    await pause(PAUSE_MS);
  }
}
