import { existsSync } from 'node:fs';
import { backUpServerJournal } from '../adapters/backup/back-up.js';
import { closeMoveNote, moveAside, readMoveNote, writeMoveNote, type MoveNote } from '../adapters/backup/move-note.js';
import { checkBackup, freeFolder, removeDatabases, stageBackup, swapIn } from '../adapters/backup/restore.js';
import { VirtualClock } from '../adapters/clock/virtual-clock.js';
import { CopiedEvents } from '../adapters/journal-sqlite/copied-events.js';
import { SqliteJournal } from '../adapters/journal-sqlite/sqlite-journal.js';
import { EventAppender } from '../app/journal/event-appender.js';
import { isEmbedded, type JournalAddress } from '../domain/config/journal-address.js';
import type { HomePaths } from '../domain/home/home-paths.js';
import { STREAMS } from '../events/streams.js';
import { configError, dataError, journalError, TradeBotError } from '../kernel/errors.js';
import type { Sha256Hex } from '../kernel/hash.js';
import type { BotIdentity } from '../kernel/identity.js';
import { epochMs, parseUtcText, toUtcText, type Clock, type UtcText } from '../kernel/time.js';
import { isJournalOutage, type Journal, type VerifyResult } from '../ports/journal.js';
import { openHomeJournal } from './open-home-journal.js';
import { refuseOtherOwner } from './own-bot.js';
import { journalLocation, openJournal } from './open-journal.js';
import { derivedFrom } from './restore-home.js';

/** A home that this process has locked, and where its journal is to go. */
export interface MoveOrder {
  readonly paths: HomePaths;
  readonly identity: BotIdentity;
  readonly clock: Clock;
  readonly pid: number;
  readonly from: JournalAddress;
  readonly to: JournalAddress;
  readonly account: string;
  readonly reason: string;
  /** Makes `to` the journal of the home's settings and records that; the home may have none. */
  readonly saveAddress: (journal: Journal) => Promise<void>;
  readonly onProgress?: (done: number, total: number) => void;
  /** Called after each step after which a crash is tested. */
  readonly onStep?: (step: string) => void;
}

/** A finished move, and why the earlier server could not be marked; undefined when it was, or was none. */
export interface FinishedMove extends MoveNote {
  readonly notMarked?: string;
}

interface Whole {
  readonly count: number;
  readonly eventsDigest: Sha256Hex;
}

/**
 * Moves all events of a home's journal to another journal: ids, texts and order are the same, proven by the digest of
 * both. Nothing of the home changes before all events are there; from the decision on, a move that was cut off is only
 * finished, by the same call. The earlier journal is kept and takes no more events.
 */
export async function moveJournal(order: MoveOrder): Promise<FinishedMove> {
  const { paths, to, onStep = ignore } = order;
  const begun = readMoveNote(paths);
  if (begun !== undefined) {
    refuseOtherTarget(order, begun);
    return finishMove(order, begun);
  }
  if (to.url === order.from.url) throw alreadyThere(order);
  const from = await openHomeJournal({ ...order, address: order.from, anchored: true });
  let note: MoveNote;
  try {
    // a move would take the journal away from an owner with open positions
    await refuseOtherOwner({ ...order, address: order.from, journal: from });
    const whole = wholeOf(await from.verify(order.onProgress), 'the present journal');
    if (whole.count === 0) throw nothingToMove(order);
    const facts = factsOf(order, whole);
    const [end] = await from.readAll({ direction: 'backwards', limit: 1 });
    await bring(order, from, facts);
    onStep('after the events');
    const [now] = await from.readAll({ direction: 'backwards', limit: 1 });
    if (now?.position !== end?.position) throw stillWritten(order);
    note = { facts, folder: paths.movedJournal(freeNumber(paths)) };
  } finally {
    await from.close();
  }
  writeMoveNote(paths, note);
  onStep('after the decision');
  return finishMove(order, note);
}

/** Brings all events to the new journal and compares the digests; the present journal stays the one of the home. */
async function bring(order: MoveOrder, from: Journal, facts: MoveNote['facts']): Promise<void> {
  const { paths, identity, to } = order;
  const into = { folder: paths.backups, pid: order.pid };
  const copy = from.file === undefined ? await backUpServerJournal({ ...into, journal: from, identity }) : undefined;
  const path = copy?.path ?? paths.storage.journalDb;
  if (isEmbedded(to)) {
    const checked = await checkBackup(path);
    compare(facts, checked.count, checked.eventsDigest);
    await stageBackup(checked, paths);
    const clock = new VirtualClock(parseUtcText(checked.recordedAt));
    const staged = SqliteJournal.open({ path: paths.storage.stagedJournal, clock });
    await recordMove(staged, order, facts, checked.recordedAt).finally(() => staged.close());
    return;
  }
  const target = await openTarget(order);
  const events = new CopiedEvents(path);
  try {
    const gap = events.gap();
    if (gap !== undefined) throw hasGap(gap);
    const { count, eventsDigest, moveId } = facts;
    const source = { count, eventsDigest, all: () => events.all() };
    await target.relocation?.importEvents(moveId, source, 'JournalMoved', order.onProgress);
    const there = wholeOf(await target.verify(), 'the new journal');
    compare(facts, there.count, there.eventsDigest);
  } finally {
    events.close();
    await target.close();
  }
}

/** Each step may be repeated. */
async function finishMove(order: MoveOrder, note: MoveNote): Promise<FinishedMove> {
  const { paths, from, to, onStep = ignore } = order;
  const { facts, folder } = note;
  let notMarked: string | undefined;
  if (isEmbedded(from)) moveAside(paths.storage.journalDb, folder);
  else notMarked = await markMoved(order, note);
  onStep('after the earlier journal was put aside');
  if (isEmbedded(to) && existsSync(paths.storage.stagedJournal)) swapIn(paths, freeFolder(paths));
  onStep('after the swap');
  const inJournal = new VirtualClock(epochMs(0));
  const target = await openTarget({ ...order, clock: inJournal });
  try {
    const [last] = await target.readAll({ direction: 'backwards', limit: 1 });
    const lastAt = last?.recordedAt ?? facts.movedAt;
    inJournal.advanceTo(parseUtcText(lastAt));
    if (!isEmbedded(to)) await recordMove(target, order, facts, lastAt);
    onStep('after the event');
    await order.saveAddress(target);
    onStep('after the settings');
    await target.relocation?.finish(facts.moveId);
  } finally {
    await target.close();
  }
  removeDatabases(derivedFrom(paths));
  onStep('after the databases were removed');
  closeMoveNote(paths, note);
  return { ...note, ...(notMarked === undefined ? {} : { notMarked }) };
}

/** A server that is away for good must not keep the bot from its new journal. */
async function markMoved(order: MoveOrder, { facts }: MoveNote): Promise<string | undefined> {
  try {
    const earlier = await openJournal(order.from, openOptions(order));
    try {
      await earlier.relocation?.markMoved(facts.moveId, facts.to);
    } finally {
      await earlier.close();
    }
    return undefined;
  } catch (error) {
    if (!isJournalOutage(error) || !(error instanceof TradeBotError)) throw error;
    return error.message;
  }
}

/** The event of the move, once; a move does not move the clock of the journal. */
async function recordMove(
  journal: Journal,
  { identity }: MoveOrder,
  facts: MoveNote['facts'],
  lastAt: UtcText,
): Promise<void> {
  const moves = await journal.readAll({ filter: { types: ['JournalMoved'] } });
  if (moves.some((event) => event.type === 'JournalMoved' && event.data.moveId === facts.moveId)) return;
  const clock = new VirtualClock(parseUtcText(lastAt));
  const appender = new EventAppender({ journal, identity, clock, actor: 'user:local' });
  const draft = { type: 'JournalMoved', data: facts, correlationId: facts.moveId, causationId: null } as const;
  await appender.append(STREAMS.backup, [draft]);
}

const openTarget = (order: MoveOrder): Promise<Journal> => openJournal(order.to, openOptions(order));

const openOptions = ({ paths, identity, clock }: MoveOrder) => ({
  journalDb: paths.storage.journalDb,
  botIdentity: identity,
  clock,
});

function factsOf(order: MoveOrder, { count, eventsDigest }: Whole): MoveNote['facts'] {
  const { paths, from, to, account, reason, clock } = order;
  const { journalDb } = paths.storage;
  return {
    moveId: `move-${count}-${eventsDigest.slice(0, 16)}`,
    from: journalLocation(from, journalDb),
    to: journalLocation(to, journalDb),
    count,
    eventsDigest,
    account,
    reason,
    movedAt: toUtcText(clock.now()),
  };
}

function wholeOf(result: VerifyResult, what: string): Whole {
  if (result.ok && result.eventsDigest !== undefined) {
    return { count: result.count, eventsDigest: result.eventsDigest };
  }
  throw journalError('stop', {
    code: 'JOURNAL_CORRUPT',
    message: `${what} is damaged: ${result.ok ? 'it has no digest' : result.message}`,
    remedy: 'Run tradebot verify, which says where, and restore the last good backup. Nothing was moved.',
  });
}

function compare({ count, eventsDigest }: MoveNote['facts'], thereCount: number, digest: string): void {
  if (count === thereCount && eventsDigest === digest) return;
  throw journalError('stop', {
    code: 'MOVE_DIFFERS',
    message: `${count} events with the digest ${eventsDigest} were to be moved, ${thereCount} with the digest ${digest} arrived`,
    remedy: 'The home keeps its present journal. Verify both journals, and repeat the move.',
  });
}

function freeNumber(paths: HomePaths): number {
  for (let n = 1; ; n += 1) if (!existsSync(paths.movedJournal(n)) || n >= MOST_MOVES) return n;
}

const MOST_MOVES = 10_000;
const ignore = (): void => undefined;

function refuseOtherTarget({ to, paths }: MoveOrder, { facts }: MoveNote): void {
  const asked = journalLocation(to, paths.storage.journalDb);
  if (asked === facts.to) return;
  throw configError({
    code: 'MOVE_UNFINISHED',
    message: `a move to ${facts.to} is decided and not finished, ${asked} is another journal`,
    remedy: `Finish it first: tradebot journal move --to ${facts.to === paths.storage.journalDb ? 'sqlite:' : facts.to}`,
  });
}

function alreadyThere({ to, paths }: MoveOrder): Error {
  return configError({
    code: 'MOVE_NOWHERE',
    message: `the journal is at ${journalLocation(to, paths.storage.journalDb)} already`,
    remedy: 'Name another journal with --to.',
  });
}

function nothingToMove({ paths, from }: MoveOrder): Error {
  return dataError({
    code: 'JOURNAL_EMPTY',
    message: `${journalLocation(from, paths.storage.journalDb)} has no events of this bot`,
    remedy: 'A bot that has no events yet is set up with the new address instead.',
  });
}

function stillWritten({ paths, from }: MoveOrder): Error {
  return journalError('refuse', {
    code: 'JOURNAL_IN_USE',
    message: `events were added to ${journalLocation(from, paths.storage.journalDb)} during the move`,
    remedy: 'A bot of this identity runs somewhere else. Stop it, then repeat the move: it continues.',
  });
}

/** Why a file cannot be brought to a server as it is: revisions there have no gaps. */
export function hasGap(stream: string): Error {
  return dataError({
    code: 'STREAM_HAS_GAP',
    message: `stream ${stream} lacks a revision, where a server had an event of another program: no other server can have it so`,
    remedy: 'Keep this journal as a file of the home (restore it there); nothing was written.',
  });
}
