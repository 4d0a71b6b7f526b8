import { accessSync, constants, readFileSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { configError, type TradeBotError } from '../../kernel/errors.js';
import { homeMarker, homePaths, type HomePaths } from '../../domain/home/home-paths.js';
import {
  composeBotIdentity,
  parseBotIdentity,
  type BotIdentity,
  type BotIdentityParts,
} from '../../kernel/identity.js';
import { writeFileAtomic } from '../files/atomic-write.js';
import { makeFolders } from '../files/make-folders.js';
import { namesIn } from '../files/names-in.js';
import { refuseUnsafeHome, watchedPaths } from './home-owner.js';
import { keepFromGitClean } from './clean-guard.js';
import { causeText, systemErrorCode } from '../files/system-error.js';
import { deleteJournal, setEvidenceAside } from './set-aside.js';

/** The layout that this program creates and reads. */
const HOME_LAYOUT = 1;

export interface OpenHomeOptions {
  /** The folder; a relative one is resolved from the working directory. */
  readonly dir: string;
  /** The required owner: used for a new home, checked for an existing one. */
  readonly identity?: BotIdentityParts;
  /** The owner of a new home when `identity` is left out; an existing home keeps its own. */
  readonly newFor?: BotIdentityParts;
  /** True creates what is missing; false only reads, and refuses a folder that is not a home yet. */
  readonly create: boolean;
  /** Version of this program, kept in the marker of a new home. */
  readonly version: string;
}

export interface OpenedHome {
  readonly paths: HomePaths;
  readonly identity: BotIdentity;
  /** The codes that the identity was composed of. */
  readonly identityParts: BotIdentityParts;
  /** True when this call created the home. */
  readonly created: boolean;
}

interface Marker {
  readonly layout: number;
  readonly botIdentity: string;
  readonly identityParts: BotIdentityParts;
}

/**
 * Opens a home (RUN-6), creating it on request. Throws ConfigError without any change in the tree: HOME_NOT_A_FOLDER,
 * HOME_NOT_WRITABLE, HOME_MISSING (no home and `create` is false), HOME_NEEDS_IDENTITY, HOME_MARKER_UNREADABLE,
 * HOME_OTHER_USER, HOME_OTHER_LAYOUT, HOME_OTHER_BOT; a home that others may change, when it is to be written: HOME_UNSAFE.
 */
export function openHome(options: OpenHomeOptions): OpenedHome {
  const asked = resolve(options.dir);
  const asks = options.identity === undefined ? undefined : composeBotIdentity(options.identity);
  refuseNonFolder(asked);
  const marker = readMarker(asked);
  if (marker === undefined) return makeHome(asked, options);
  checkLayout(asked, marker);
  const identity = parseBotIdentity(marker.botIdentity);
  if (asks !== undefined && asks !== identity) {
    throw configError({
      code: 'HOME_OTHER_BOT',
      message: `${asked} is the home of ${identity}, not of ${asks}`,
      remedy: 'Give each bot its own --home folder.',
    });
  }
  const paths = homePaths(realpathSync(asked), identity);
  if (options.create) makeTree(asked, paths);
  return { paths, identity, identityParts: marker.identityParts, created: false };
}

/**
 * Deletes what a bot made in its home (books, outputs, state) and creates the empty tree again; keys, secrets, the vault,
 * users, the marker and the lock stay; the journal with its seals and exports, and backups, go to folders of their own,
 * because nothing could make them again. Call it while holding the lock. Throws HOME_NOT_WRITABLE.
 */
export function emptyHome(paths: HomePaths): void {
  const { storage, output, control } = paths;
  orNotWritable(paths.home, () => {
    setBackupsAside(paths);
    setEvidenceAside(paths);
    deleteJournal(paths);
  });
  const made = [storage.market, dirname(storage.simBrokerDb)];
  orNotWritable(paths.home, () => {
    for (const path of [...made, ...derivedDatabases(paths), output.bot, output.statusMirror, control.botState]) {
      rmSync(path, { recursive: true, force: true });
    }
  });
  makeTree(paths.home, paths);
}

/** Copies of a journal that is deleted would contradict the next one: they go to a folder of their own. */
function setBackupsAside({ backups, sessionBackups }: HomePaths): void {
  const moves = [
    { from: backups, below: '' },
    { from: sessionBackups, below: '/sessions' },
  ].flatMap(({ from, below }) =>
    namesIn(from)
      .filter((name) => BACKUP_FILE.test(name))
      .map((name) => ({ from: `${from}/${name}`, below, name })),
  );
  if (moves.length === 0) return;
  let n = 1;
  while (n < MOST_EARLIER && namesIn(backups).includes(`earlier-${n}`)) n += 1;
  for (const { from, below, name } of moves) {
    const folder = `${backups}/earlier-${n}${below}`;
    makeFolders(folder, 0o700);
    renameSync(from, `${folder}/${name}`);
  }
}

const MOST_EARLIER = 10_000;
/** The recordings next to the copies go with them. */
const BACKUP_FILE = /^(?:journal_.+\.db(?:\.json)?|market)$/;

/** With the SQLite files of each. Users and their tokens are not projections (SEC-10). */
function derivedDatabases({ storage }: HomePaths): readonly string[] {
  const kept = [storage.usersDb, storage.resetTokensDb];
  const folder = dirname(storage.projectionsDb);
  return namesIn(folder)
    .map((name) => `${folder}/${name}`)
    .filter((path) => !kept.some((one) => path.startsWith(one)));
}

function makeHome(dir: string, options: OpenHomeOptions): OpenedHome {
  if (!options.create) {
    throw configError({
      code: 'HOME_MISSING',
      message: `${dir} is not a TradeBot home yet`,
      remedy:
        'Check --home, or create one: tradebot run sets up a bot, tradebot day --synthetic trades a synthetic day.',
    });
  }
  const identityParts = options.identity ?? options.newFor;
  if (identityParts === undefined) {
    throw configError({
      code: 'HOME_NEEDS_IDENTITY',
      message: `${dir} is not a home yet, and no bot identity was given for it`,
      remedy: 'Give the entity, jurisdiction, broker and bot codes.',
    });
  }
  const identity = composeBotIdentity(identityParts);
  orNotWritable(dir, () => {
    makeFolders(dir, 0o755);
  });
  const paths = homePaths(realpathSync(dir), identity);
  makeTree(dir, paths);
  const marker = {
    layout: HOME_LAYOUT,
    botIdentity: identity,
    identityParts,
    createdBy: options.version,
  };
  orNotWritable(dir, () => {
    writeFileAtomic(paths.marker, `${JSON.stringify(marker, null, 2)}\n`);
  });
  return { paths, identity, identityParts, created: true };
}

function makeTree(dir: string, paths: HomePaths): void {
  refuseUnsafeHome(paths.home, watchedPaths(paths));
  orNotWritable(dir, () => {
    accessSync(paths.home, constants.W_OK);
    for (const folder of paths.folders) makeFolders(folder.path, folder.private ? 0o700 : 0o755);
  });
  keepFromGitClean(paths.home, [paths.storage.dir, paths.backups, paths.output.bot]);
}

function orNotWritable<T>(dir: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw configError({
      code: 'HOME_NOT_WRITABLE',
      message: `nothing can be written under ${dir}: ${causeText(cause)}`,
      remedy: 'Choose another --home, or make it writable for this user.',
      cause,
    });
  }
}

function refuseNonFolder(dir: string): void {
  const found = orNotWritable(dir, () => statSync(dir, { throwIfNoEntry: false }));
  if (found === undefined || found.isDirectory()) return;
  throw configError({
    code: 'HOME_NOT_A_FOLDER',
    message: `${dir} is a file, not a folder`,
    remedy: 'Give --home a folder; a missing one is created.',
  });
}

function readMarker(dir: string): Marker | undefined {
  const path = homeMarker(dir);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    if (isDenied(cause)) throw outOfReach(dir, cause);
    throw markerUnreadable(path, causeText(cause), cause);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw markerUnreadable(path, 'it is not JSON', cause);
  }
  if (!isMarker(value)) throw markerUnreadable(path, 'layout, botIdentity or identityParts is missing', undefined);
  return value;
}

function isMarker(value: unknown): value is Marker {
  if (typeof value !== 'object' || value === null) return false;
  const { layout, botIdentity, identityParts } = value as Partial<Record<keyof Marker, unknown>>;
  // A marker of another layout may have another form; its number is enough for the error.
  if (typeof layout !== 'number' || layout !== HOME_LAYOUT) return typeof layout === 'number';
  return typeof botIdentity === 'string' && typeof identityParts === 'object' && identityParts !== null;
}

function checkLayout(dir: string, marker: Marker): void {
  if (marker.layout === HOME_LAYOUT) return;
  const newer = marker.layout > HOME_LAYOUT;
  throw configError({
    code: 'HOME_OTHER_LAYOUT',
    message: `${dir} has home layout ${marker.layout}, this version uses layout ${HOME_LAYOUT}`,
    remedy: newer
      ? 'Use the TradeBot version that created it, or a newer one.'
      : 'Use the TradeBot version that created it.',
    details: { found: marker.layout, known: HOME_LAYOUT },
  });
}

function markerUnreadable(path: string, why: string, cause: unknown): TradeBotError {
  return configError({
    code: 'HOME_MARKER_UNREADABLE',
    message: `${path} cannot be read: ${why}`,
    remedy: 'Restore the file from a backup; without it nothing here is changed.',
    cause,
  });
}

/** Only the owner may read the marker, so a process that cannot is another user's; nothing is damaged. */
function outOfReach(dir: string, cause: unknown): TradeBotError {
  return configError({
    code: 'HOME_OTHER_USER',
    message: `${dir} belongs to another user: its files cannot be read (${causeText(cause)})`,
    remedy: 'Run as the user that the home belongs to, or give --home a folder of your own.',
    cause,
  });
}

function isDenied(error: unknown): boolean {
  return ['EACCES', 'EPERM'].includes(systemErrorCode(error) ?? '');
}

function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(systemErrorCode(error) ?? '');
}
