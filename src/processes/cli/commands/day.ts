import { Option, type Command } from 'commander';
import { emptyHome, type OpenedHome } from '../../../adapters/home/home.js';
import { lockHome } from '../../../adapters/home/home-lock.js';
import { loadOwnStrategies } from '../../../adapters/own-strategies/load-own-strategies.js';
import { STRATEGY_NAMES } from '../../../domain/config/configured-strategies.js';
import { ownNamesAsked } from '../../../domain/config/running-strategies.js';
import { parseSettings, type Settings } from '../../../domain/config/settings.js';
import type { OwnStrategies } from '../../../strategies/own/own-strategies.js';
import { LARGEST_FLOAT } from '../../../events/acceptance.js';
import { Decimal } from '../../../kernel/decimal.js';
import { configError } from '../../../kernel/errors.js';
import { composeBotIdentity, identityPartsFrom } from '../../../kernel/identity.js';
import { parseDateText, parseUtcText, type DateText } from '../../../kernel/time.js';
import { openDays } from '../../../app/day/open-days.js';
import { anchorAfter } from '../../../composition/anchor-after.js';
import { endOwnership, ownCore, watchOwnership } from '../../../composition/own-bot.js';
import { leaseNotice } from '../../../domain/ownership/owner-errors.js';
import { openRuntime, type EngineRuntime } from '../../../composition/engine-runtime.js';
import { EMBEDDED, isEmbedded, journalAddressOf } from '../../../domain/config/journal-address.js';
import { openFeed, parseSymbols, type MarketSource } from '../../../composition/market-source.js';
import { runDays, type RunDaysOptions } from '../../../composition/run-days.js';
import { assignmentsOf } from '../assignments.js';
import {
  DEMO_IDENTITY,
  settle,
  workingHome,
  type CliContext,
  type ExitCode,
  type GlobalFlags,
  type OptionFaults,
} from '../context.js';
import { masterKeySource } from '../master-key.js';
import { wholeNumber } from '../numbers.js';
import { refuseDifferentEvidence } from '../evidence.js';
import { runs } from '../runs.js';
import { daySummary, printSummary } from '../day-summary.js';

interface DayFlags extends GlobalFlags {
  readonly data?: string;
  readonly synthetic?: boolean;
  readonly seed?: string;
  readonly date?: string;
  readonly days?: string;
  readonly symbols?: string;
  readonly vix?: string;
  readonly cash: string;
  readonly set: readonly string[];
  readonly identity?: string;
  readonly fresh?: boolean;
}

/** Default first day of synthetic data: fixed, for reproducible runs. */
const SYNTHETIC_DATE = '2026-01-05';
const MAX_DAYS = 2_600;

/** `tradebot day`: trades whole days on recorded or synthetic data, and prints a summary. */
export function registerDay(program: Command, context: CliContext): void {
  const command = program
    .command('day')
    .description('trade whole days on recorded or synthetic market data, with full books')
    .option(
      '--data <dir>',
      'recorded data: a QuantConnect folder (with equity/usa/minute), or a folder of <SYMBOL>.csv minute bars',
    )
    .option('--synthetic', 'synthetic market data from a seed; needs no file')
    .option('--seed <n>', 'seed of the simulated broker and of synthetic data', '1')
    .option('--date <yyyy-mm-dd>', `first trading day (default with --synthetic: ${SYNTHETIC_DATE})`)
    .option('--days <n>', 'number of trading days', '1')
    .option('--symbols <list>', 'comma-separated symbols, such as SPY,AIG,BAC,IBM')
    .option('--vix <figure|file>', 'VIX for recorded data: a number, or a CSV of daily closes')
    .option('--cash <dollars>', 'initial cash of the simulated account', '100000.00')
    .option(
      '--identity <codes>',
      `ENTITY_JURISDICTION_BROKER_BOT for a new home (default: ${composeBotIdentity(DEMO_IDENTITY)})`,
    )
    .option('--fresh', 'start over: delete all books of this home, and keep its journal, seals and exports aside')
    .addOption(
      new Option('--set <KEY=VALUE>', 'override a setting, such as MAX_PRICE=100; repeatable')
        .default([], 'none')
        .argParser((value: string, all: readonly string[]) => [...all, value]),
    );
  runs(command, (flags: DayFlags) => day(context, flags));
}

async function day(context: CliContext, flags: DayFlags): Promise<ExitCode> {
  // every input is checked before a home is created or changed
  const plan = planOf(context, flags);
  const identity = flags.identity === undefined ? undefined : identityPartsFrom(flags.identity);
  const home = workingHome(context, flags, identity);
  const lock = lockHome({
    ...{ paths: home.paths, command: 'day', pid: context.environment.pid, clock: context.clock },
    why: 'It trades whole sessions into this journal itself, in the place of a bot.',
  });
  try {
    settle(context, home.paths);
    const own = await ownStrategiesOf(home, plan.settings);
    if (flags.fresh === true) emptyHome(home.paths);
    return await trade(context, home, { ...plan, own });
  } finally {
    lock.release();
  }
}

/** Own strategies are those of the home; a name that is none of them is a slip. */
async function ownStrategiesOf({ paths }: OpenedHome, settings: Settings): Promise<OwnStrategies> {
  const own = await loadOwnStrategies(paths);
  const known = [...own.modules.map(({ definition }) => definition.name), ...own.refused.map(({ name }) => name)];
  const unknown = ownNamesAsked(settings).filter((name) => !known.includes(name));
  if (unknown.length === 0) return own;
  throw configError({
    code: 'STRATEGY_UNKNOWN',
    message: `${unknown.join(', ')} is no strategy of the program, and ${paths.home}/strategies has no folder of that name`,
    remedy: `Use ${[...STRATEGY_NAMES, ...known].join(', ')}, or make it: tradebot new-strategy ${unknown[0] ?? ''}.`,
  });
}

type Plan = Omit<RunDaysOptions, 'onProgress'>;

function planOf(context: CliContext, flags: DayFlags): Plan {
  const seed = wholeNumber('--seed', flags.seed ?? '1', { from: 0, to: 2 ** 31 - 1 });
  const settings = parseSettings({
    JOURNAL_URL: context.environment.journalUrl ?? EMBEDDED.url,
    ...assignmentsOf(flags.set),
  });
  if (flags.fresh === true && !isEmbedded(journalAddressOf(settings.JOURNAL_URL))) {
    throw configError({
      code: 'FRESH_ON_SERVER',
      message: '--fresh cannot empty a journal on a server',
      remedy: 'Omit --fresh, or start over with another --identity in another --home.',
    });
  }
  const feed = openFeed(sourceOf(flags, seed, context.optionFaults));
  const from = firstDay(flags);
  const days = wholeNumber('--days', flags.days ?? '1', { from: 1, to: MAX_DAYS });
  const openingCash = cashOf(flags.cash);
  return { days: openDays({ feed, from, days, settings }), settings, brokerSeed: seed, openingCash };
}

function cashOf(text: string): Decimal {
  const exact = Decimal.parse(text);
  const cash = exact.rounded(2, 'halfEven');
  if (cash.sign() > 0 && cash.equals(exact) && cash.lte(LARGEST_FLOAT)) return cash;
  throw configError({
    code: 'BAD_CASH',
    message: cash.gt(LARGEST_FLOAT)
      ? `--cash ${text} is more than an account can be opened with`
      : `--cash ${text} is not an amount of dollars above zero`,
    remedy: `Give dollars with at most two decimals, such as 100000.00, and at most ${LARGEST_FLOAT.text()}.`,
  });
}

function sourceOf(flags: DayFlags, seed: number, faults: OptionFaults): MarketSource {
  const symbols = parseSymbols(flags.symbols ?? '');
  const fault = faults.day(flags);
  if (fault !== undefined) throw configError({ code: 'MARKET_DATA_SOURCE', ...fault });
  if (flags.data === undefined) return { kind: 'synthetic', seed, symbols };
  return { kind: 'folder', dir: flags.data, symbols, vix: flags.vix };
}

function firstDay(flags: DayFlags): DateText {
  if (flags.date !== undefined) return parseDateText(flags.date);
  if (flags.synthetic === true) return parseDateText(SYNTHETIC_DATE);
  throw configError({
    code: 'DATE_MISSING',
    message: 'recorded data needs a date',
    remedy: 'Add --date, such as --date 2013-10-07.',
  });
}

/** On a server another home may own the bot; its last event, or the first day, is the time of this journal. */
async function ownForDays({ environment, output }: CliContext, runtime: EngineRuntime, { days }: Plan): Promise<void> {
  if (runtime.ownership === undefined) return;
  runtime.toLastEvent();
  const first = days[0]?.session.date;
  if (runtime.clock.now() === 0 && first !== undefined) runtime.clock.advanceTo(parseUtcText(`${first}T00:00:00.000Z`));
  await ownCore(runtime, {
    pid: environment.pid,
    onWait: (ownership) => output.note(leaseNotice(ownership)),
  });
}

async function trade(context: CliContext, home: OpenedHome, plan: Plan): Promise<ExitCode> {
  const { paths, identity, identityParts } = home;
  const runtime = await openRuntime({
    paths,
    identity,
    identityParts,
    versionTag: context.version,
    address: journalAddressOf(plan.settings.JOURNAL_URL),
    masterKey: masterKeySource(context, paths.home),
  });
  const bar = context.output.progress('Trading', 'minutes');
  let unwatch = (): void => undefined;
  try {
    await ownForDays(context, runtime, plan);
    unwatch = watchOwnership(runtime.ownership, () => undefined);
    const ran = await runDays(runtime, {
      ...plan,
      onProgress: (dayIndex, done, total) => {
        bar.update(dayIndex * total + done, plan.days.length * total);
      },
    });
    bar.stop();
    const anchored = await anchorAfter(runtime);
    const summary = await daySummary(runtime, ran);
    context.output.result(summary);
    printSummary(context.output, summary);
    if (anchored !== undefined) context.output.say(anchored);
    refuseDifferentEvidence(summary.evidence);
    return summary.ok ? 0 : 3;
  } finally {
    bar.stop();
    unwatch();
    await endOwnership(runtime.ownership?.held, 'the days are over');
    await runtime.close();
  }
}
