import { HARMLESS_CARDS } from '../app/broker-check/harmless-cards.js';
import { startChecks } from '../app/broker-check/start-checks.js';
import { classify } from '../app/errors/classify.js';
import { tradingSecrets } from '../app/settings/trading-secrets.js';
import { accountOf, accountWords, type AccountKind } from '../domain/config/broker-account.js';
import { shortSellersOf } from '../domain/config/short-sellers.js';
import { blocksSession } from '../domain/lifecycle/blocking-checks.js';
import { weekdayOf } from '../domain/calendar/nyse-rules.js';
import type { Settings } from '../domain/config/settings.js';
import type { HomePaths } from '../domain/home/home-paths.js';
import { parseSymbol } from '../events/names.js';
import { configError, TradeBotError } from '../kernel/errors.js';
import type { BotIdentity } from '../kernel/identity.js';
import { addDays, dateOf, type Clock, type DateText } from '../kernel/time.js';
import type { Broker } from '../ports/broker.js';
import type { Vault } from '../ports/vault.js';
import { rawFramesOf } from './raw-frames-of.js';
import { answerWithin, RealAccount } from './real-account.js';
import type { Vendors } from './vendors.js';

export interface CheckAccountOptions {
  readonly paths: HomePaths;
  readonly identity: BotIdentity;
  readonly vault: Pick<Vault, 'secret'>;
  readonly settings: Settings;
  readonly clock: Clock;
  /** Only an account without real money. */
  readonly onlyPaper: boolean;
  readonly vendors?: Vendors;
}

/** One line of the table. */
export interface AccountFinding {
  readonly id: string;
  readonly what: string;
  readonly ok: boolean;
  /** Why it failed, and what to do; empty when it passed. */
  readonly reason: string;
}

/** What was found out of an account, and what the account is. */
export interface CheckedAccountFindings {
  readonly account: string;
  readonly kind: AccountKind;
  readonly findings: readonly AccountFinding[];
}

const NOT_LIVE: readonly AccountKind[] = ['paper', 'emulator'];
const SYMBOL = parseSymbol('SPY');

/**
 * Looks at the account of a bot without changing anything in it: the checks before trading, then the harmless cards of the
 * conformance kit. Throws ConfigError BROKER_IS_SIMULATED, BROKER_NOT_PAPER, and what the account lacks.
 */
export async function checkAccount(options: CheckAccountOptions): Promise<CheckedAccountFindings> {
  const { paths, identity, vault, settings, clock, onlyPaper, vendors } = options;
  if (settings.BROKER_NAME === 'SIM') throw simulated();
  const summary = accountOf(settings.BROKER_NAME, tradingSecrets(vault).broker_credentials);
  if (onlyPaper && !NOT_LIVE.includes(summary.kind)) throw notPaper(accountWords(summary));
  const raw = rawFramesOf(paths, clock, () => settings.RAW_FRAMES_KEEP_DAYS);
  const account = new RealAccount({ vault, identity, clock, raw, purpose: 'look', vendors });
  const within = answerWithin(settings);
  try {
    const broker = account.broker(settings);
    const first = await startChecks({ broker, identity, shortSellers: shortSellersOf(settings), clock, within });
    const findings = first.map(({ name, ok, cause, remedy }) => ({
      ...{ id: 'start', what: name, ok },
      reason: `${cause} ${remedy}`.trim(),
    }));
    const cards = first.every(({ ok, name }) => !blocksSession({ ok, module: name }))
      ? await cardFindings(broker, clock, within)
      : [];
    return { account: accountWords(summary), kind: summary.kind, findings: [...findings, ...cards] };
  } finally {
    account.close();
    await Promise.all([raw.broker.flush(), raw.feed.flush()]);
  }
}

async function cardFindings(
  broker: Broker,
  clock: Clock,
  within: ReturnType<typeof answerWithin>,
): Promise<readonly AccountFinding[]> {
  const findings: AccountFinding[] = [];
  for (const { id, when, then, check } of HARMLESS_CARDS) {
    const now = clock.now();
    const reason = await within(`card ${id}`, () =>
      check({ broker, symbol: SYMBOL, now, dayOff: saturday(dateOf(now)) }),
    ).catch((error: unknown) => (error instanceof TradeBotError ? error.line : classify(error).message));
    findings.push({ id, what: `${when}: ${then}`, ok: reason === undefined, reason: reason ?? '' });
  }
  return findings;
}

const SATURDAY = 6;

function saturday(from: DateText): DateText {
  let date = from;
  while (weekdayOf(date) !== SATURDAY) date = addDays(date, 1);
  return date;
}

function simulated(): Error {
  return configError({
    code: 'BROKER_IS_SIMULATED',
    message: 'the broker of this bot is the simulator: there is no account to look at',
    remedy: 'Choose a broker with BROKER_NAME and store its credentials first.',
  });
}

function notPaper(words: string): Error {
  return configError({
    code: 'BROKER_NOT_PAPER',
    message: words,
    remedy: 'Leave --paper out to look at it all the same: the check only reads.',
  });
}
