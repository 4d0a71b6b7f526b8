import type { Command } from 'commander';
import { openHome, type OpenedHome } from '../../adapters/home/home.js';
import { lockHome } from '../../adapters/home/home-lock.js';
import { FileVault } from '../../adapters/vault/file-vault.js';
import { EMBEDDED, journalAddressOf, type JournalAddress } from '../../domain/config/journal-address.js';
import { parseSettings } from '../../domain/config/settings.js';
import type { HomePaths } from '../../domain/home/home-paths.js';
import { configError, TradeBotError } from '../../kernel/errors.js';
import type { BotIdentityParts } from '../../kernel/identity.js';
import type { Clock } from '../../kernel/time.js';
import type { Journal } from '../../ports/journal.js';
import { openRuntime, type EngineRuntime } from '../../composition/engine-runtime.js';
import { homeJournalAddress } from '../../composition/home-journal-address.js';
import {
  openHomeJournal,
  openJournalOf,
  requireHomeJournal,
  type HomeJournalOptions,
} from '../../composition/open-home-journal.js';
import { settleRestore } from '../../composition/restore-home.js';
import type { Environment } from './environment.js';
import { masterKeySource } from './master-key.js';
import type { Output } from './output.js';

/** Default bot identity of a new home. */
export const DEMO_IDENTITY: BotIdentityParts = {
  entityCode: 'DEMO',
  jurisdictionCode: 'US',
  brokerCode: 'SIM',
  botId: 'B01',
};

/** 0 done; 1 refused, or bad input; 2 a defect of this program; 3 a check failed: damage or a mismatch. */
export type ExitCode = 0 | 1 | 2 | 3;

interface MarketOptions {
  readonly feed?: string | undefined;
  readonly data?: string | undefined;
  readonly vix?: string | undefined;
}

/** Why options contradict each other, by the command; undefined when they do not. Options by their names, as typed. */
export interface OptionFaults {
  run(options: MarketOptions): OptionFault | undefined;
  day(options: {
    readonly synthetic?: boolean | undefined;
    readonly data?: string | undefined;
    readonly vix?: string | undefined;
  }): OptionFault | undefined;
}

interface OptionFault {
  readonly message: string;
  readonly remedy: string;
}

export interface CliContext {
  /** The project's root: the default home when neither --home nor TRADEBOT_HOME is given. */
  readonly root: string;
  readonly version: string;
  readonly optionFaults: OptionFaults;
  readonly clock: Clock;
  readonly environment: Environment;
  readonly output: Output;
  /** Resolves when the user asks to stop (Ctrl-C); for commands that follow. */
  readonly interrupted: Promise<void>;
  /** Asks a person to agree; undefined without a terminal. */
  readonly ask: ((question: string) => Promise<boolean>) | undefined;
  /** From then on SIGTERM and SIGINT no longer end the process: resolves with the name of the first one. */
  readonly stopAsked: () => Promise<string>;
  /** From then on SIGHUP no longer ends the process: resolves with how its terminal was lost. */
  readonly terminalLost: () => Promise<string>;
}

/** Adds one command to the program. */
export type Register = (program: Command, context: CliContext) => void;

export interface GlobalFlags {
  readonly home?: string;
  readonly json?: boolean;
}

export function homeDir(context: CliContext, flags: GlobalFlags): string {
  if (flags.home === '') {
    throw configError({
      code: 'HOME_EMPTY',
      message: '--home is empty',
      remedy: 'Give a folder, or omit --home.',
    });
  }
  return flags.home ?? context.environment.home ?? context.root;
}

/** The home of a command that only reads. Throws when it is missing. */
export function existingHome(context: CliContext, flags: GlobalFlags): OpenedHome {
  return openHome({ dir: homeDir(context, flags), create: false, version: context.version });
}

/** The home of a command that writes: created when it is missing, for `identity` when that is given. */
export function workingHome(
  context: CliContext,
  flags: GlobalFlags,
  identity: BotIdentityParts | undefined,
): OpenedHome {
  return openHome({
    dir: homeDir(context, flags),
    ...(identity === undefined ? {} : { identity }),
    newFor: DEMO_IDENTITY,
    create: true,
    version: context.version,
  });
}

/**
 * Runs `work` with the exclusive lock of a home that has traded, and with the clock at its last event. Missing output
 * folders are created first.
 */
export async function withRuntime<T>(
  context: CliContext,
  flags: GlobalFlags,
  command: string,
  work: (runtime: EngineRuntime) => Promise<T>,
): Promise<T> {
  const { address } = journalOf(context, existingHome(context, flags));
  const { paths, identity, identityParts } = workingHome(context, flags, undefined);
  const lock = lockHome({ paths, command, pid: context.environment.pid, clock: context.clock });
  try {
    settle(context, paths);
    const masterKey = masterKeySource(context, paths.home);
    const versionTag = context.version;
    const runtime = await openRuntime({ paths, identity, identityParts, versionTag, address, masterKey });
    try {
      runtime.toLastEvent();
      return await work(runtime);
    } finally {
      await runtime.close();
    }
  } finally {
    lock.release();
  }
}

/** Ends a restore that was cut off, and says so; for commands that have locked the home. */
export function settle({ output }: CliContext, paths: HomePaths): void {
  const settled = settleRestore({ paths });
  if (settled !== undefined) output.note(settled);
}

/** TRADEBOT_JOURNAL_URL, checked; undefined when it is not set. */
export function givenAddress({ environment }: CliContext): JournalAddress | undefined {
  const { journalUrl } = environment;
  if (journalUrl === undefined) return undefined;
  return journalAddressOf(parseSettings({ JOURNAL_URL: journalUrl }).JOURNAL_URL);
}

/**
 * Where the journal of a home is: by its settings once it is set up, else by TRADEBOT_JOURNAL_URL. Throws ConfigError
 * JOURNAL_URL_DIFFERS when both name one and they are not the same, and what the vault throws.
 */
export function addressOf(context: CliContext, { paths }: Pick<OpenedHome, 'paths'>): JournalAddress {
  const given = givenAddress(context);
  const masterKeyFile = masterKeySource(context, paths.home).file();
  const { clock } = context;
  const { storage } = paths;
  if (!hasVault(new FileVault({ paths: storage, clock, masterKeyFile }))) return given ?? EMBEDDED;
  const own = homeJournalAddress({ storage, clock, masterKeyFile });
  if (given === undefined || given.url === own.url) return own;
  throw configError({
    code: 'JOURNAL_URL_DIFFERS',
    message: `TRADEBOT_JOURNAL_URL names another journal than the settings of ${paths.home}`,
    remedy: 'Unset TRADEBOT_JOURNAL_URL: a home that is set up finds its journal by its settings.',
  });
}

/** True for a damaged vault too: where its journal is then, `homeJournalAddress` decides. */
function hasVault(vault: FileVault): boolean {
  try {
    return vault.generation() !== undefined;
  } catch (error) {
    if (error instanceof TradeBotError) return true;
    throw error;
  }
}

/** The journal of an existing home; one in its folder must be there. */
export function journalOf(
  context: CliContext,
  home: OpenedHome,
): Pick<HomeJournalOptions, 'paths' | 'identity' | 'address'> {
  const { paths, identity } = home;
  const address = addressOf(context, home);
  requireHomeJournal(paths, address);
  return { paths, identity, address };
}

/** Runs `work` on the journal of an existing home, damaged or not, and always closes it: for commands that show what is there. */
export async function withJournal<T>(
  context: CliContext,
  home: OpenedHome,
  work: (journal: Journal) => Promise<T>,
): Promise<T> {
  const journal = await openJournalOf({ ...journalOf(context, home), clock: context.clock });
  try {
    return await work(journal);
  } finally {
    await journal.close();
  }
}

/**
 * As `withJournal`, for commands that make figures from the journal or write to it without the engine. Throws what
 * `openHomeJournal` throws: nothing is made from, or added to, a damaged journal (JRN-30).
 */
export async function withProvenJournal<T>(
  context: CliContext,
  home: OpenedHome,
  work: (journal: Journal) => Promise<T>,
  address = addressOf(context, home),
): Promise<T> {
  const { clock } = context;
  const { paths, identity } = home;
  const journal = await openHomeJournal({
    ...{ paths, identity, clock, address },
    anchored: true,
  });
  try {
    return await work(journal);
  } finally {
    await journal.close();
  }
}
