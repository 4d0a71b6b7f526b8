import type { FileVault } from '../../adapters/vault/file-vault.js';
import { SimBroker } from '../../adapters/broker-sim/sim-broker.js';
import { DEFAULT_SIM_PROFILE } from '../../adapters/broker-sim/profile.js';
import { MemorySimStore } from '../../adapters/broker-sim/store.js';
import { runBuildCheck, type NamedCheck } from '../../app/checks/build-check.js';
import { runSelfChecks } from '../../app/checks/self-checks.js';
import { rehearsalSession } from '../../app/test-mode/rehearsal-day.js';
import { screenerResult, type ScreenedMarket } from '../../app/test-mode/screener-tests.js';
import type { TestResult, TestRunner } from '../../app/test-mode/test-run.js';
import { nextTradingDay, sessionOf } from '../../domain/calendar/nyse.js';
import { describeSettings, type Settings } from '../../domain/config/settings.js';
import { Decimal } from '../../kernel/decimal.js';
import type { BotIdentityParts } from '../../kernel/identity.js';
import type { HomePaths } from '../../domain/home/home-paths.js';
import type { Journal } from '../../ports/journal.js';
import type { CheckResult } from '../../strategies/strategy.js';
import { STRATEGIES } from '../../strategies/registry.js';
import { bookCodesOf } from '../../domain/accounting/book-codes.js';
import { bookChecks } from '../../composition/home-checks.js';
import { ledgerProjection } from '../../../projections/ledger/ledger.js';
import { dryRun, dryRunResults, result, testFeed, type DryRunDeps } from './dry-run.js';
import { journalSelfCheck } from './journal-self-check.js';
import { logFormat } from './log-format.js';
import { processesAlive } from './processes-alive.js';
import { tradeStub } from './trade-stub.js';

export interface TestChecksDeps extends Omit<DryRunDeps, 'settings'> {
  readonly paths: HomePaths;
  readonly identityParts: BotIdentityParts;
  readonly journal: Pick<Journal, 'readAll'>;
  readonly vault: FileVault;
  /** Of the home, validated; throws all faults. */
  readonly liveSettings: () => Settings;
  /** Those of a dry run over them. */
  readonly drySettings: () => Settings;
}

const RANDOM_MARKETS = 12;

/** Every test that a flag can run and that this version has, by its name (RUN-35, RUN-36). Reads the home, writes in homes of their own only. */
export function testChecks(deps: TestChecksDeps): ReadonlyMap<string, TestRunner> {
  const dry = (name: string): ReturnType<typeof dryRun> => dryRun({ ...deps, settings: deps.drySettings() }, name);
  const one =
    (run: () => TestResult | Promise<TestResult>): TestRunner =>
    async () => [await run()];
  const ledger = ledgerProjection({ path: deps.paths.output.ledgerDb, codes: bookCodesOf(deps.identityParts) });
  const books = (): ReturnType<typeof bookChecks> => bookChecks(deps.paths, deps.journal, ledger);
  return new Map<string, TestRunner>([
    ['integration', async () => dryRunResults(await dry('whole'))],
    ['main_bot', one(() => processesAlive(deps.journal))],
    ['env_bot', one(() => envBot(deps))],
    ['backtest_engine', one(() => twiceAlike(dry))],
    ['strategy_selfcheck', () => selfChecks(deps)],
    ['logging_format', one(async () => logFormat((await dry('logs')).paths))],
    ['broker_trade_stub', one(() => tradeStub(testFeed(deps.drySettings()), rehearsalSession(deps.clock.now())))],
    ['screener_random', one(() => randomScreens(deps))],
    ['screener_integration', one(() => screens(deps))],
    ['ledger_schema', () => named(books().schema)],
    ['coa_consistency', () => named(books().chart)],
  ]);
}

function envBot({ vault, liveSettings }: TestChecksDeps): TestResult {
  const faults = vault.check().map(({ file, cause }) => `${file}: ${cause}`);
  const keys = Object.keys(describeSettings(liveSettings())).length;
  const ok = faults.length === 0;
  return result('env_bot', ok, ok ? `${keys} keys decrypted and valid, every secret readable` : faults.join('; '));
}

/** A short day twice, each in a home of its own: equal hashes are equal bytes of every event. */
async function twiceAlike(dry: (name: string) => ReturnType<typeof dryRun>): Promise<TestResult> {
  const one = (await dry('first')).events.at(-1);
  const other = (await dry('second')).events.at(-1);
  const ok = one !== undefined && one.hash === other?.hash;
  const detail = ok ? `two runs end in the same hash, ${one.position}` : 'two runs of one day differ';
  return result('backtest_engine', ok, detail);
}

async function selfChecks(deps: TestChecksDeps): Promise<readonly TestResult[]> {
  return [...(await strategySelfCheck(deps)), ...(await journalSelfCheck(deps))];
}

async function strategySelfCheck({ clock, drySettings }: TestChecksDeps): Promise<readonly TestResult[]> {
  const settings = drySettings();
  const { date, opensAt, closesAt } = rehearsalSession(clock.now());
  const broker = new SimBroker({
    accountId: 'TEST_MODE',
    clock,
    seed: 1,
    openingCash: Decimal.ONE,
    profile: DEFAULT_SIM_PROFILE,
    store: new MemorySimStore(),
  });
  const context = { settings, date, opensAt, closesAt, feed: 'the simulator' };
  return resultsOf(await runSelfChecks({ settings, strategies: STRATEGIES, context, broker }));
}

function resultsOf(checks: readonly CheckResult[]): readonly TestResult[] {
  return checks.map(({ module, ok, cause, remedy, note = 'as it should be' }) =>
    result(module.replace(/[^A-Za-z0-9._:/-]+/g, '-'), ok, ok ? note : `${cause} ${remedy}`),
  );
}

async function named(checks: readonly NamedCheck[]): Promise<readonly TestResult[]> {
  return resultsOf(await runBuildCheck(checks));
}

/** The screening rules over markets of many seeds. */
function randomScreens({ clock, drySettings }: TestChecksDeps): TestResult {
  const settings = drySettings();
  const session = rehearsalSession(clock.now());
  const markets = Array.from({ length: RANDOM_MARKETS }, (_, seed): ScreenedMarket => {
    return { session, market: testFeed(settings, seed + 1).openSession(session.date) };
  });
  return screenerResult('screener_random', markets, STRATEGIES, settings);
}

/** The same with the settings of the home as they are, over a week. */
function screens({ clock, liveSettings, drySettings }: TestChecksDeps): TestResult {
  const feed = testFeed(drySettings());
  let session = rehearsalSession(clock.now());
  const markets: ScreenedMarket[] = [];
  for (let day = 0; day < 5; day += 1) {
    markets.push({ session, market: feed.openSession(session.date) });
    session = sessionOf(nextTradingDay(session.date)) ?? session;
  }
  const settings = { ...liveSettings(), ...priceOnly(drySettings()) };
  return screenerResult('screener_integration', markets, STRATEGIES, settings);
}

/** What an invented market cannot know is not screened for. */
function priceOnly(dry: Settings): Pick<Settings, 'MIN_VOLUME_THRESHOLD'> {
  return { MIN_VOLUME_THRESHOLD: dry.MIN_VOLUME_THRESHOLD };
}
