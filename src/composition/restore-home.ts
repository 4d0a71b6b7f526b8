import { existsSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import {
  dropStaged,
  freeFolder,
  keepEvidence,
  removeDatabases,
  stageBackup,
  swapIn,
  undoSetAside,
  wasSwappedIn,
  type CheckedBackup,
} from '../adapters/backup/restore.js';
import { readRestoreNote, removeRestoreNote, writeRestoreNote } from '../adapters/backup/restore-note.js';
import { VirtualClock } from '../adapters/clock/virtual-clock.js';
import { SqliteJournal } from '../adapters/journal-sqlite/sqlite-journal.js';
import { findLostHistory, type HistoryEvidence, type LostHistory } from '../app/audit/lost-history.js';
import { droppedBy, type DroppedEvents } from '../app/audit/restored-history.js';
import { EventAppender } from '../app/journal/event-appender.js';
import type { HomePaths } from '../domain/home/home-paths.js';
import type { EventData } from '../events/event.js';
import { STREAMS } from '../events/streams.js';
import { TradeBotError } from '../kernel/errors.js';
import type { BotIdentity } from '../kernel/identity.js';
import { parseUtcText, toUtcText, type Clock } from '../kernel/time.js';
import type { JournalHead } from '../ports/journal.js';
import { homeEvidence } from './home-evidence.js';
import { anchorEvidence, lookAtAnchors } from './seal-anchor.js';

/** A home that this process has locked. */
export interface RestoredHome {
  readonly paths: HomePaths;
  readonly identity: BotIdentity;
  readonly clock: Clock;
}

/** Who restores, and why. */
export interface RestoreBy {
  readonly account: string;
  readonly reason: string;
}

/** A restore that is prepared: what it drops is known, and nothing but the staged copy has changed. */
export interface PreparedRestore {
  readonly backup: CheckedBackup;
  /** The event without who and why. */
  readonly facts: Omit<EventData<'JournalRestored'>, 'account' | 'reason' | 'restoredAt'>;
  /** Seals and exports that are moved next to the replaced journal. */
  readonly files: readonly string[];
  readonly folder: string;
}

/**
 * Copies the backup next to the journal and compares both. Throws the errors of `stageBackup` and of opening the copy;
 * a journal that cannot be read is part of the result.
 */
export async function prepareRestore(
  home: RestoredHome,
  backup: CheckedBackup,
  onStep?: (step: string) => void,
): Promise<PreparedRestore> {
  const { paths } = home;
  await stageBackup(backup, paths, onStep);
  const staged = SqliteJournal.open({ path: paths.storage.stagedJournal, clock: home.clock });
  let prepared = false;
  try {
    const { head, dropped, unreadable } = await replacedHistory(home, staged);
    const lost = await findLostHistory(staged, await evidenceFor(home, staged));
    const files = lost.flatMap(({ path }) => (path === null ? [] : [path]));
    const replaces = existsSync(paths.storage.journalDb);
    const folder = freeFolder(paths);
    const { path, sha256, position, count, headHash, hasManifest } = backup;
    prepared = true;
    return {
      backup,
      files,
      folder,
      facts: {
        backup: { name: basename(path), sha256, position, count, headHash, hasManifest },
        abandoned: head === undefined ? null : { position: head.position, count: head.count, headHash: head.hash },
        unreadable,
        commonCount: dropped.commonCount,
        droppedEvents: dropped.events,
        droppedSessions: dropped.sessions,
        droppedSeals: withoutRepeats([...dropped.seals, ...proofsOf(lost, 'seal').map(sealOf)]),
        droppedBackups: withoutRepeats(proofsOf(lost, 'backup').map(({ id: name, ...rest }) => ({ name, ...rest }))),
        droppedExports: lost.flatMap(({ exported }) => (exported === null ? [] : [exported])),
        keptIn: replaces || files.length > 0 ? basename(folder) : null,
      },
    };
  } finally {
    await staged.close();
    if (!prepared) dropStaged(paths);
  }
}

/** Anchored seals too: one that the backup does not reach is listed, and never moved. */
async function evidenceFor({ paths, identity }: RestoredHome, staged: SqliteJournal): Promise<HistoryEvidence> {
  const evidence = homeEvidence(paths, identity);
  const looks = await lookAtAnchors({ paths, identity, journal: staged });
  const { marks } = anchorEvidence({ paths, identity }, looks);
  return { ...evidence, marks: [...evidence.marks, ...marks] };
}

/** Nothing was replaced: the staged copy is deleted. */
export function cancelRestore({ paths }: RestoredHome): void {
  dropStaged(paths);
}

/**
 * Records the restore in the staged journal and swaps it in, so that no journal without the event is ever in place.
 * What is derived from the replaced journal is removed; the caller rebuilds it. After a crash `settleRestore` ends it.
 */
export async function carryOutRestore(
  home: RestoredHome,
  { facts, files, folder, backup }: PreparedRestore,
  by: RestoreBy,
  onStep: (step: string) => void = () => undefined,
): Promise<void> {
  const { paths, identity, clock } = home;
  const data = { ...facts, ...by, restoredAt: toUtcText(clock.now()) };
  // a restore does not move the clock of the journal
  const inJournal = new VirtualClock(parseUtcText(backup.recordedAt));
  const staged = SqliteJournal.open({ path: paths.storage.stagedJournal, clock: inJournal });
  try {
    const appender = new EventAppender({ journal: staged, identity, clock: inJournal, actor: 'user:local' });
    const draft = { type: 'JournalRestored', data, correlationId: 'restore', causationId: null } as const;
    await appender.append(STREAMS.backup, [draft]);
  } finally {
    await staged.close();
  }
  onStep('after the event');
  writeRestoreNote(paths, { backup: facts.backup.name, folder, files });
  onStep('after the note');
  swapIn(paths, folder, onStep);
  finish(paths, folder, files, onStep);
}

/**
 * Ends a restore that was cut off: the journal is the old one or the new one, and the rest follows it. Returns what to
 * say about it; undefined when there was none.
 */
export function settleRestore({ paths }: Pick<RestoredHome, 'paths'>): string | undefined {
  const note = readRestoreNote(paths);
  if (note === undefined) return undefined;
  if (wasSwappedIn(paths, note.folder)) {
    finish(paths, note.folder, note.files);
    return `A restore of ${note.backup} was cut off after the journal was replaced: it is finished now.`;
  }
  dropStaged(paths);
  undoSetAside(paths, note.folder);
  removeRestoreNote(paths);
  return `A restore of ${note.backup} was cut off before the journal was replaced: the journal is the old one.`;
}

/** Each step may be repeated. */
function finish(
  paths: HomePaths,
  folder: string,
  files: readonly string[],
  onStep: (step: string) => void = () => undefined,
): void {
  keepEvidence(files, folder);
  onStep('after the evidence was kept');
  removeDatabases(derivedFrom(paths));
  removeRestoreNote(paths);
  onStep('after the note was removed');
}

/** Databases whose checkpoints and states belong to the replaced journal; the projector builds missing ones. */
export function derivedFrom({ output, storage }: HomePaths): readonly string[] {
  return [
    ...[output.ledgerDb, output.coaDb, output.floatLedgerDb],
    ...[storage.projectionsDb, storage.snapshotsDb, storage.systemLogsDb, storage.userActivityDb],
  ];
}

interface ReplacedHistory {
  readonly head: JournalHead | undefined;
  readonly dropped: DroppedEvents;
  readonly unreadable: string | null;
}

async function replacedHistory({ paths, clock }: RestoredHome, staged: SqliteJournal): Promise<ReplacedHistory> {
  const { journalDb: path } = paths.storage;
  const nothing: DroppedEvents = { commonCount: 0, events: 0, sessions: [], seals: [] };
  if (!hasContent(path)) return { head: undefined, dropped: nothing, unreadable: null };
  let replaced: SqliteJournal | undefined;
  let head: JournalHead | undefined;
  try {
    replaced = SqliteJournal.open({ path, clock });
    head = await replaced.head();
    return { head, dropped: await droppedBy(staged, replaced), unreadable: null };
  } catch (error) {
    if (!(error instanceof TradeBotError)) throw error;
    return { head, dropped: nothing, unreadable: error.message };
  } finally {
    await replaced?.close();
  }
}

function hasContent(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

function proofsOf(lost: readonly LostHistory[], kind: 'seal' | 'backup') {
  return lost.flatMap(({ proof }) =>
    proof?.kind === kind ? [{ id: proof.id, position: proof.position, hash: proof.hash }] : [],
  );
}

function sealOf({ id: sealId, position, hash }: ReturnType<typeof proofsOf>[number]) {
  return { sealId, position, hash };
}

function withoutRepeats<T extends { readonly position: string; readonly hash: string }>(
  all: readonly T[],
): readonly T[] {
  return [...new Map(all.map((one) => [`${one.position} ${one.hash}`, one])).values()];
}
