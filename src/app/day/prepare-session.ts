import { canonicalJson } from '../../kernel/canonical-json.js';
import { Decimal } from '../../kernel/decimal.js';
import { TradeBotError } from '../../kernel/errors.js';
import { epochMs, parseUtcText, toUtcText } from '../../kernel/time.js';
import { moneyText } from '../../kernel/money.js';
import { settingsSha256 } from '../../domain/config/settings.js';
import { pathToIdle, type BotState } from '../../domain/lifecycle/bot-state.js';
import { floatDeviation, isNewDeviation } from '../../domain/float/float.js';
import type { EventData } from '../../events/event.js';
import type { CheckResult } from '../../strategies/strategy.js';
import type { Draft } from '../../events/draft.js';
import { STREAMS } from '../../events/streams.js';
import { FIRST_CHART, FIRST_MAPPING } from '../provisioning/first-chart.js';
import { positionsOf } from './broker-positions.js';
import { foundDrafts } from '../settings/own-strategies.js';
import { settingsRecord } from '../settings/settings-record.js';
import { accountWithRecords, importActivities, recordsAtOpening } from './import-activities.js';
import { strategyContextOf } from './engine-context.js';
import type { SessionDeps } from './session-deps.js';
import { openingMarks } from '../../trading/positions/marking.js';
import { brokerResumed } from '../../trading/orders/broker-suspension.js';
import { botStateChanged } from '../../domain/lifecycle/bot-state-changed.js';

/**
 * Phases 0 to 2 (RUN-20..22) as steps that are each skipped when the journal has them, so that a day that crashed
 * during preparation resumes. Defense mode is entered before SessionOpened, which records the remaining cap. Ends with
 * the float snapshot.
 */
export async function prepareSession(deps: SessionDeps): Promise<void> {
  const begun = deps.state.session?.opened.date === deps.calendarDay.date;
  await deps.broker.connect();
  if (!begun) {
    await reportConnected(deps);
    await bringToIdle(deps);
    await recordSettings(deps);
    await recordOwnStrategies(deps);
    await recordCharts(deps);
    await selfCheck(deps);
    await recordOpening(deps);
    await importActivities(deps);
  }
  await enterDefense(deps);
  await openSession(deps);
}

/**
 * The same for a live day: there the engine loop has already moved the bot to its state and checked it, and settings
 * are journaled by the process that saves them.
 */
export async function prepareLiveSession(deps: SessionDeps): Promise<void> {
  const begun = deps.state.session?.opened.date === deps.calendarDay.date;
  await deps.broker.connect();
  await reportConnected(deps);
  if (!begun) {
    if (deps.state.settingsSha256 === undefined) await recordSettings(deps);
    await recordCharts(deps);
    await recordOpening(deps);
    await importActivities(deps);
  }
  await enterDefense(deps);
  await openSession(deps);
}

/** An outage that an earlier session or process saw begin ends with the connection: nobody else reports its end. */
async function reportConnected(deps: SessionDeps): Promise<void> {
  const { state, clock } = deps;
  const since = state.session?.suspendedSince;
  if (since === undefined) return;
  const at = epochMs(Math.max(clock.now(), parseUtcText(since)));
  await record(deps, 'risk', brokerResumed(state, at, `session/${deps.calendarDay.date}`));
}

const SETUP_REASON: Partial<Record<BotState, string>> = {
  provisioning: 'the home is new',
  bootstrapping: 'chart of accounts and databases',
  started: 'ready for a session',
  idle: 'waiting for the session',
};

async function bringToIdle(deps: SessionDeps): Promise<void> {
  const { state } = deps;
  for (const to of pathToIdle(state.botState)) {
    const reason = SETUP_REASON[to] ?? 'started manually';
    const cause = { correlationId: 'lifecycle', causationId: state.botStateEventId };
    await record(deps, 'lifecycle', botStateChanged({ from: state.botState, to, reason }, cause));
  }
}

type FixedStream = 'lifecycle' | 'config' | 'risk' | 'float' | 'accounting';

async function record(deps: SessionDeps, stream: FixedStream, ...drafts: readonly Draft[]): Promise<void> {
  await deps.appender.append(STREAMS[stream], drafts);
}

/** The active settings are journaled before they have any effect; secrets never are. */
async function recordSettings(deps: SessionDeps): Promise<void> {
  const reason = deps.state.settingsSha256 === undefined ? 'first settings' : 'given at the start';
  await deps.appender.decide(STREAMS.config, (state) => settingsRecord(state, deps.settings, reason));
}

/** Which code trades in this session. */
async function recordOwnStrategies({ appender, ownStrategies: found }: SessionDeps): Promise<void> {
  if (found === undefined) return;
  await appender.decide(STREAMS.ownStrategies, (state) => foundDrafts(state.ownStrategies, found));
}

async function recordCharts(deps: SessionDeps): Promise<void> {
  if (deps.state.coaVersion === undefined) {
    await record(deps, 'accounting', FIRST_CHART);
  }
  if (deps.state.mappingVersion === undefined) {
    await record(deps, 'accounting', FIRST_MAPPING);
  }
}

/**
 * Checks all modules and lists all failures (RUN-21). A failing strategy is skipped later; any other failure blocks.
 */
async function selfCheck(deps: SessionDeps): Promise<void> {
  const context = strategyContextOf(deps);
  const broker = (await deps.broker.selfCheck()).map((check): CheckResult => ({
    module: `broker.${check.name}`,
    ok: check.ok,
    cause: check.cause,
    remedy: check.remedy,
  }));
  const strategies = deps.strategies.flatMap((strategy) => [
    ...strategy.selfCheck(context),
    ...strategy.filters.filter((filter) => filter.enabled(deps.settings)).map((filter) => filter.selfCheck(context)),
  ]);
  const checks = [...broker, ...strategies];
  const data = { ok: checks.every((check) => check.ok), checks };
  const recorded = deps.state.selfCheck;
  if (recorded?.date !== deps.calendarDay.date || canonicalJson(recorded.data) !== canonicalJson(data)) {
    await record(deps, 'lifecycle', {
      type: 'SelfCheckCompleted',
      data,
      correlationId: `session/${deps.calendarDay.date}`,
      causationId: null,
    });
  }
  const blocking = broker.filter((check) => !check.ok);
  if (blocking.length === 0) return;
  throw new TradeBotError('BrokerError', 'refuse', {
    code: 'SELF_CHECK_FAILED',
    message: `the session is blocked: ${blocking.map((check) => `${check.module}: ${check.cause}`).join('; ')}`,
    remedy: blocking.map((check) => check.remedy).join(' '),
  });
}

/** Once per home: the broker's holdings before the first trade, and the float based on them (ACC-63). */
async function recordOpening(deps: SessionDeps): Promise<void> {
  const { state, broker } = deps;
  const opened = state.booksBeganAt === undefined ? await openBooks(deps) : undefined;
  if (state.floatSet) return;
  const cash = opened?.cash ?? (await broker.account()).cash;
  if (cash.sign() <= 0) return;
  const { plannedFloat } = deps;
  const isLimited = plannedFloat?.lt(cash) === true;
  await record(deps, 'float', {
    type: 'FloatAdjusted',
    data: {
      adjustmentId: 'FA-OPENING',
      amount: moneyText(isLimited ? plannedFloat : cash),
      direction: 'inject',
      source: 'opening-balance',
      reason: isLimited
        ? 'the float of the set-up, of more cash at the broker when the books were opened'
        : 'cash at the broker when the books were opened',
    },
    correlationId: 'opening',
    causationId: null,
  });
}

const MOST_OPENING_IDS = 500;

/** The balances, with the records of the account that they include: those are never booked as movements of their own. */
async function openBooks(deps: SessionDeps): Promise<{ readonly cash: Decimal }> {
  const { state, broker, clock } = deps;
  const { account, records } = await accountWithRecords(broker);
  const positions = await positionsOf(broker);
  // a transfer that somebody acknowledged before is in transit: it arrives as a movement of its own
  const { included, arriving } = recordsAtOpening(records, state.openTransfers);
  const cash = arriving.reduce((sum, { kind, amount }) => {
    return kind === 'deposit' ? sum.minus(amount.abs()) : sum.plus(amount.abs());
  }, account.cash);
  await record(deps, 'accounting', {
    type: 'OpeningBalancesRecorded',
    data: {
      asOf: toUtcText(clock.now()),
      cash: moneyText(cash),
      positions: positions
        .filter(({ quantity }) => !quantity.isZero())
        .map((position) => ({
          symbol: position.symbol,
          quantity: position.quantity.shortText(),
          cost: moneyText(position.quantity.times(position.averagePrice)),
          basis: 'COST' as const,
          // the broker does not report since when
          acquiredAt: null,
        })),
      activities: included.slice(-MOST_OPENING_IDS),
    },
    correlationId: 'opening',
    causationId: null,
  });
  return { cash };
}

async function openSession(deps: SessionDeps): Promise<void> {
  const { state, calendarDay, broker } = deps;
  const date = calendarDay.date;
  const account = await broker.account();
  if (state.session?.opened.date !== date) {
    const opened: Draft = {
      type: 'SessionOpened',
      data: openedData(deps, account.equity),
      correlationId: `session/${date}`,
      causationId: null,
    };
    // one append: a session never has another opening value than that of its opening
    const marks = openingMarks(state, deps.market.references, opened.correlationId);
    await deps.appender.append(STREAMS.session(date), marks === undefined ? [opened] : [opened, marks]);
  }
  const session = state.session;
  if (session === undefined) return;
  const cause = { correlationId: `session/${date}`, causationId: session.openedEventId };
  if (!session.snapshotTaken) {
    await record(deps, 'float', {
      type: 'FloatSnapshotTaken',
      data: {
        float: moneyText(state.float),
        dailyAllocation: session.opened.sessionCap,
        cash: moneyText(account.cash),
        equity: moneyText(account.equity),
      },
      ...cause,
    });
  }
  const threshold = deps.settings.REBALANCE_THRESHOLD;
  if (session.deviationReported) return;
  const { deviation, beyond } = floatDeviation(state.float, account.equity, threshold);
  if (!beyond || !isNewDeviation(deviation, state.floatDeviation, { float: state.float, threshold })) return;
  await record(deps, 'float', {
    type: 'FloatDeviationDetected',
    data: {
      float: moneyText(state.float),
      equity: moneyText(account.equity),
      deviation: deviation.shortText(),
      threshold: threshold.shortText(),
    },
    ...cause,
  });
}

function openedData(deps: SessionDeps, equity: Decimal): EventData<'SessionOpened'> {
  const { calendarDay, state, settings, market } = deps;
  const allocation =
    state.defense === undefined ? settings.TOTAL_ALLOCATION : Decimal.parse(state.defense.totalAllocation);
  const { kind, description, seed, symbols, sha256 } = market.description;
  return {
    date: calendarDay.date,
    opensAt: toUtcText(calendarDay.opensAt),
    closesAt: toUtcText(calendarDay.closesAt),
    halfDay: calendarDay.halfDay,
    broker: deps.broker.code,
    feed: { kind, description, seed, symbols, sha256 },
    brokerSeed: deps.brokerSeed,
    floatAtStart: moneyText(state.float),
    openingEquity: moneyText(equity),
    sessionCap: state.float.times(allocation).rounded(2, 'down').text(),
    settingsSha256: settingsSha256(settings),
    versionTag: deps.versionTag,
  };
}

async function enterDefense(deps: SessionDeps): Promise<void> {
  const { settings, state } = deps;
  if (!settings.DEFENSE_MODE_ACTIVE || state.defense !== undefined) return;
  await record(deps, 'risk', {
    type: 'DefenseModeEntered',
    data: {
      reason: 'DEFENSE_MODE_ACTIVE is set',
      tradeLimitPct: settings.DEFENSE_MODE_TRADE_LIMIT_PCT.shortText(),
      totalAllocation: settings.DEFENSE_MODE_TOTAL_ALLOCATION.shortText(),
    },
    correlationId: `session/${deps.calendarDay.date}`,
    causationId: null,
  });
}
