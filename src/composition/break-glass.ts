import { openSideFile, sideFiles } from '../adapters/files/side-file.js';
import { SimEmergency } from '../adapters/broker-sim/sim-emergency.js';
import { SqliteSimStore } from '../adapters/broker-sim/sqlite-store.js';
import { ScaledClock, type ClockScale } from '../adapters/clock/scaled-clock.js';
import { SystemClock } from '../adapters/clock/system-clock.js';
import { VirtualClock } from '../adapters/clock/virtual-clock.js';
import { FileVault } from '../adapters/vault/file-vault.js';
import { flatten, type FlattenResult } from '../app/break-glass/flatten.js';
import type { SideLine } from '../app/break-glass/side-line.js';
import { loadSettings } from '../app/settings/load-settings.js';
import { bookCodesOf } from '../domain/accounting/book-codes.js';
import { openSessionAt } from '../domain/calendar/nyse.js';
import { DEFAULT_SETTINGS, type Settings } from '../domain/config/settings.js';
import { homePaths } from '../domain/home/home-paths.js';
import { sha256Hex } from '../kernel/hash.js';
import { composeBotIdentity, type BotIdentityParts } from '../kernel/identity.js';
import { TradeBotError } from '../kernel/errors.js';
import { epochMs, toUtcText, type Clock } from '../kernel/time.js';
import type { EmergencyBroker } from '../ports/emergency-broker.js';
import { rawFramesOf } from './raw-frames-of.js';
import { answerWithin, RealAccount } from './real-account.js';
import { realEmergency } from './real-emergency.js';
import { simulatedBroker } from './simulated-broker.js';
import { keptWorldFacts, worldOf } from './simulated-world.js';
import type { Vendors } from './vendors.js';

export interface BreakGlassOptions {
  readonly home: string;
  readonly identityParts: BotIdentityParts;
  readonly versionTag: string;
  readonly masterKeyFile: string | null;
  readonly scale: ClockScale | null;
  /** What identifies the kill, such as the event id of its flag: the same kill never sends an order twice. */
  readonly kill: string;
  readonly reason: string;
  /** Why the journal cannot be used. */
  readonly cause: string;
  readonly stderr: (line: string) => void;
  /** The adapters of real brokers; left out: those of this version. */
  readonly vendors?: Vendors | undefined;
}

/** Result of a kill without journal, with the file that has its orders. */
export interface BreakGlassResult extends FlattenResult {
  readonly sideFile: string | undefined;
}

/**
 * Closes everything with the broker and its credentials alone (RUN-16), for a kill while the journal cannot be opened or
 * written. What it does is in a side file, which the next good start imports. Never throws.
 */
export async function breakGlass(options: BreakGlassOptions): Promise<BreakGlassResult> {
  const { home, identityParts, scale, kill, reason, cause, stderr } = options;
  const identity = composeBotIdentity(identityParts);
  const paths = homePaths(home, identity);
  const wall = new SystemClock();
  const clock = scale === null ? wall : new ScaledClock(scale, wall);
  const key = keyOf(kill);
  const file = openSideFile({ folder: paths.storage.breakGlass, identity, key, stderr });
  const write = (line: SideLine): void => file.write(line);
  const say = (fact: SideLine['fact']): void => write({ at: toUtcText(clock.now()), key, fact });
  say({ kind: 'begun', reason, cause });
  let result: FlattenResult = { flat: false, open: ['not known: the broker cannot be reached'], sent: 0 };
  let broker: EmergencyBroker | undefined;
  try {
    broker = await emergencyBroker(options, clock);
    result = await flatten({ broker, identity, key, clock, write });
  } catch (error) {
    say({ kind: 'fault', what: 'broker', code: error instanceof TradeBotError ? error.code : 'INTERNAL' });
  }
  broker?.close();
  say({ kind: 'ended', flat: result.flat, open: result.open });
  const sideFile = file.path;
  file.close();
  return { ...result, sideFile };
}

/** The account of the home's broker. */
async function emergencyBroker(options: BreakGlassOptions, clock: Clock): Promise<EmergencyBroker> {
  const settings = settingsWithoutJournal(options);
  if (settings.BROKER_NAME !== 'SIM') return realBroker(options, settings, clock);
  const { home, identityParts } = options;
  const identity = composeBotIdentity(identityParts);
  const { storage } = homePaths(home, identity);
  const world = worldOf(identity, keptWorldFacts(storage.simWorld));
  const store = new SqliteSimStore(storage.simBrokerDb);
  const { brokerSeed: seed, openingCash, feed } = world;
  const venueClock = new VirtualClock(epochMs(0));
  const codes = bookCodesOf(identityParts);
  const broker = simulatedBroker(codes, settings, { clock: venueClock, seed, openingCash, store });
  const day = openSessionAt(clock.now());
  const open = day === undefined ? undefined : { day, market: feed.openSession(day.date) };
  return SimEmergency.open({ broker, venueClock, world: clock, open, close: () => store.close() });
}

/** What it sends and hears is kept as evidence, as far as the disk takes it. */
function realBroker(options: BreakGlassOptions, settings: Settings, clock: Clock): Promise<EmergencyBroker> {
  const { home, identityParts, masterKeyFile, vendors } = options;
  const identity = composeBotIdentity(identityParts);
  const paths = homePaths(home, identity);
  const vault = new FileVault({ paths: paths.storage, clock, masterKeyFile });
  const raw = rawFramesOf(paths, clock, () => settings.RAW_FRAMES_KEEP_DAYS);
  const purpose = hasSentBefore(options, paths.storage.breakGlass) ? 'trade' : 'kill';
  const account = new RealAccount({ vault, identity, clock, raw, vendors, purpose });
  return realEmergency(account.broker(settings), answerWithin(EMERGENCY_LIMIT));
}

/** Whether an earlier try of this kill may have sent an order, which a broker may show late. */
function hasSentBefore({ identityParts, kill }: BreakGlassOptions, folder: string): boolean {
  const key = keyOf(kill);
  const lines = sideFiles(folder, composeBotIdentity(identityParts)).flatMap((record) => record.lines);
  return lines.some((line) => line.key === key && line.fact.kind === 'intended');
}

function keyOf(kill: string): string {
  return sha256Hex(kill).slice(0, KEY_LENGTH);
}

/** A kill waits less for an answer than a session does. */
const EMERGENCY_LIMIT = { API_TIMEOUT: 5 } as const;
const KEY_LENGTH = 12;

/** The settings of a home whose journal cannot be used; the defaults when they cannot be decrypted: they do not decide what is closed. */
export function settingsWithoutJournal({
  home,
  identityParts,
  versionTag,
  masterKeyFile,
}: Pick<BreakGlassOptions, 'home' | 'identityParts' | 'versionTag' | 'masterKeyFile'>): Settings {
  try {
    const { storage } = homePaths(home, composeBotIdentity(identityParts));
    return loadSettings(new FileVault({ paths: storage, clock: new SystemClock(), masterKeyFile }), versionTag);
  } catch {
    return DEFAULT_SETTINGS;
  }
}
