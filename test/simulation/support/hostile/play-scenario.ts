import { DEFAULT_SIM_PROFILE } from '../../../../src/adapters/broker-sim/profile.js';
import { CLOSING_STATE } from '../../../../src/domain/lifecycle/bot-state.js';
import { closesLeftovers } from '../../../../src/domain/session/trading-permissions.js';
import type { EngineState } from '../../../../src/domain/session/engine-state.js';
import { TradeBotError } from '../../../../src/kernel/errors.js';
import { MINUTE_MS, plusMs, toUtcText, type EpochMs } from '../../../../src/kernel/time.js';
import { AwayJournal, MemorySpool } from '../../../support/journal-away.js';
import { Cut, dying } from '../crash.js';
import { DAY, NEXT_DAY } from '../days.js';
import { LiveHarness, type Life } from '../live-harness.js';
import { eagerStrategy } from './eager-strategy.js';
import { HostileLine } from './hostile-line.js';
import { MadeMarket } from './made-market.js';
import { planOutside } from './outside.js';
import { exchangeFaults, type Scenario } from './scenario.js';

/** A session that was played, and the one after it without any fault. */
export interface Played {
  readonly scenario: Scenario;
  readonly live: LiveHarness;
  readonly line: HostileLine;
  /** State of the last process. */
  readonly state: EngineState;
  /** What the engine did that it must never do, and what ended a session that no fault explains. */
  readonly broken: readonly string[];
}

/** Minutes of the session without faults that follows. */
const CALM_MINUTES = 3;
/** Processes of one session: each planned crash takes one, and a session that could not begin another. */
const MOST_PROCESSES = 12;
const AGAIN_AFTER_MS = 30_000;

const SETTINGS = {
  MAX_TRADES: '3',
  WEIGHTS: '0.4,0.3,0.3',
  MAX_OPEN_POSITIONS: '3',
  TOTAL_ALLOCATION: '0.5',
  MAX_RISK_PER_TRADE: '1',
  MIN_VOLUME_THRESHOLD: '0',
  SHORT_TYPE_OPEN: 'ShortSell',
};

/** Plays the session of a scenario with its faults, then a calm one. */
export async function playScenario(scenario: Scenario): Promise<Played> {
  const live = harnessOf(scenario, { minutes: scenario.minutes, before: undefined, purpose: 'trade' });
  const line = new HostileLine(scenario, scenario.faults, live.opensAt);
  const broken: string[] = [];
  const ended = await playDay(scenario, live, { line, broken });
  const calm: Scenario = { ...scenario, faults: [], rejects: 0 };
  const purpose = closesLeftovers(ended) ? 'close' : 'trade';
  const after = harnessOf(calm, { minutes: CALM_MINUTES, before: live, purpose });
  if (purpose === 'close') await continueClosing(live, ended);
  const calmLine = new HostileLine(scenario, [], after.opensAt);
  const state = await playDay(calm, after, { line: calmLine, broken });
  broken.push(...line.violations, ...calmLine.violations);
  return { scenario, live, line, state, broken };
}

/** As the loop of the bot does when the exchange opens again: a stop or kill that ended in `error` is not over. */
async function continueClosing(live: LiveHarness, { botState, openHalt }: EngineState): Promise<void> {
  if (botState !== 'error' || openHalt === undefined) return;
  await live.appender({ now: () => live.home.now() }).changeBotState(CLOSING_STATE[openHalt], 'the exchange is open');
}

interface Day {
  readonly minutes: number;
  readonly before: LiveHarness | undefined;
  readonly purpose: 'trade' | 'close';
}

function harnessOf(scenario: Scenario, { minutes, before, purpose }: Day): LiveHarness {
  const options = {
    feed: new MadeMarket({ ...scenario, minutes }),
    settings: { ...SETTINGS, ...scenario.settings },
    strategies: [eagerStrategy(scenario)],
    faults: exchangeFaults(scenario),
    profile: {
      ...DEFAULT_SIM_PROFILE,
      partialFillProbability: scenario.partialFills,
      rejectProbability: scenario.rejects,
      nativeStop: scenario.restingStops,
    },
    brokerSeed: scenario.seed,
    purpose,
    date: before === undefined ? DAY : NEXT_DAY,
  };
  const { opensAt } = new LiveHarness(options);
  const closesAt = toUtcText(plusMs(opensAt, minutes * MINUTE_MS)).slice(11, 19);
  return new LiveHarness({ ...options, closesAt }, before?.home);
}

interface Playing {
  readonly line: HostileLine;
  readonly broken: string[];
}

/** Process after process, until one has closed the session. */
async function playDay(scenario: Scenario, live: LiveHarness, playing: Playing): Promise<EngineState> {
  const spool = new MemorySpool();
  let startsAt = plusMs(live.opensAt, -1_000);
  for (let number = 0; ; number += 1) {
    const process = await startProcess(scenario, live, { ...playing, spool, startsAt, number });
    const { life } = process;
    const ended = await life.session.run().catch((error: unknown) => error);
    if (ended === 'closed') return life.state;
    if (ended !== 'left' && (number >= MOST_PROCESSES || !(ended instanceof Cut || isRepeatable(ended)))) {
      playing.broken.push(`the session ended with ${ended instanceof Error ? (ended.stack ?? '') : String(ended)}`);
      return life.state;
    }
    const downMs = ended instanceof Cut ? process.downMs() : ended === 'left' ? 1 : AGAIN_AFTER_MS;
    startsAt = plusMs(life.pacer.now(), downMs);
  }
}

interface Start extends Playing {
  readonly spool: MemorySpool;
  readonly startsAt: EpochMs;
  readonly number: number;
}

interface Process {
  readonly life: Life;
  /** How long the machine is down after the death that happened. */
  readonly downMs: () => number;
}

async function startProcess(
  scenario: Scenario,
  live: LiveHarness,
  { line, spool, startsAt, number }: Start,
): Promise<Process> {
  const { faults } = scenario;
  const crash = faults.filter((fault) => fault.kind === 'crash')[number];
  const isAway = faults.some(({ kind }) => kind === 'journal away');
  // the calls of a process that died end with it
  const away = new AwayJournal();
  const settings = { ...live.options.settings };
  for (const fault of faults) {
    if (fault.kind === 'settings' && plusMs(live.opensAt, fault.at) <= startsAt) Object.assign(settings, fault.changes);
  }
  const life = await live.start({
    startsAt: toUtcText(startsAt).slice(11, 23),
    settings,
    wrapBroker: (made) => line.wrap(made),
    wrapPacer: (pacer) => line.take(pacer),
    wrapVenue: (made) => line.venue(made),
    wrapJournal: (given) => {
      const journal = isAway ? away.wrap(given) : given;
      if (crash === undefined) return journal;
      return dying(journal, { when: crash.when, at: (_type, count) => count === crash.nth });
    },
    ...(isAway ? { outage: { spool, time: away.time } } : {}),
  });
  line.watch(life);
  line.downMs = undefined;
  const death = planOutside(scenario, live, { life, moveCash: (transfer) => line.moveCash(transfer), away, spool });
  return { life, downMs: () => death() ?? line.downMs ?? crash?.downMs ?? 0 };
}

/** A disk that is full while the journal is away ends the process; main starts another one. */
function isRepeatable(error: unknown): boolean {
  return error instanceof TradeBotError && (error.callerMust === 'retry' || error.code === 'JOURNAL_STALLED');
}
