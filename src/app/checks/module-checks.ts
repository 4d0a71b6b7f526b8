import { STRATEGY_NAMES, strategyKey, type ConfiguredStrategy } from '../../domain/config/configured-strategies.js';
import { DEFAULT_SETTINGS, type SettingKey, type Settings } from '../../domain/config/settings.js';
import { riskLimits } from '../../domain/risk/defense.js';
import { riskGate, type GateInput, type GateLimit } from '../../domain/risk/gate.js';
import { dailyLoss } from '../../domain/risk/kill-switch.js';
import { look, watchAt } from '../../domain/watchdog/watch.js';
import { parseStrategyName, parseSymbol } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import { networkError } from '../../kernel/errors.js';
import { STRATEGIES, strategiesToRun } from '../../strategies/registry.js';
import type { CheckResult } from '../../strategies/strategy.js';
import { classify } from '../errors/classify.js';

/** Questions with known answers: a module with a wrong answer must not be trusted with money (RUN-21). */
export interface ModulesUnderCheck {
  readonly gate: typeof riskGate;
  readonly loss: typeof dailyLoss;
  readonly watch: typeof look;
  readonly classify: typeof classify;
  readonly route: typeof strategiesToRun;
}

export const MODULES: ModulesUnderCheck = {
  gate: riskGate,
  loss: dailyLoss,
  watch: look,
  classify,
  route: strategiesToRun,
};

const DEFECT = 'This is a defect of TradeBot: return to the previous version, and report it.';

function result(module: string, wrong: readonly string[]): CheckResult {
  const ok = wrong.length === 0;
  return { module, ok, cause: wrong.join('; '), remedy: ok ? '' : DEFECT };
}

const PROBE = parseStrategyName('probe');
const dollars = (text: string): Decimal => Decimal.parse(text);

/** An entry of 100 dollars that all default limits allow on a float of 25,000. */
function smallEntry(): GateInput & { readonly order: Extract<GateInput['order'], { purpose: 'entry' }> } {
  return {
    order: {
      purpose: 'entry',
      strategy: PROBE,
      symbol: parseSymbol('SPY'),
      cost: dollars('100.00'),
      price: dollars('50.00'),
      lossAtStop: dollars('2.00'),
    },
    limits: riskLimits(DEFAULT_SETTINGS, false),
    bot: { state: 'trading', killSwitchTripped: false },
    account: { floatAtStart: dollars('25000.00'), buyingPower: dollars('25000.00') },
    session: { entriesOfStrategy: 0, openPositions: 0, capitalAtWork: Decimal.ZERO, symbolsAtWork: new Set() },
    market: { isOpen: true, halted: false, volume: 1_000_000, spread: undefined },
  } as const;
}

export function gateCheck(gate: typeof riskGate): CheckResult {
  const small = smallEntry();
  const { order, bot, account, session, market } = small;
  const cases: readonly (readonly [string, GateInput, GateLimit | 'allowed'])[] = [
    ['a small entry', small, 'allowed'],
    ['an entry beyond its allocation', { ...small, order: { ...order, cost: dollars('5000.00') } }, 'WEIGHT_SLICE'],
    [
      'an entry beyond the session cap',
      { ...small, session: { ...session, capitalAtWork: dollars('450.00') } },
      'SESSION_CAP',
    ],
    [
      'an entry that exceeds the risk per trade',
      { ...small, order: { ...order, lossAtStop: dollars('900.00') } },
      'MAX_RISK_PER_TRADE',
    ],
    [
      'an entry without buying power',
      { ...small, account: { ...account, buyingPower: dollars('1.00') } },
      'BUYING_POWER',
    ],
    ['an entry after a kill', { ...small, bot: { ...bot, killSwitchTripped: true } }, 'KILL_SWITCH'],
    ['an entry of a stopped bot', { ...small, bot: { ...bot, state: 'stopped' } }, 'STATE_FORBIDS_ENTRY'],
    ['one entry too many', { ...small, session: { ...session, entriesOfStrategy: 99 } }, 'MAX_TRADES'],
    ['an entry after hours', { ...small, market: { ...market, isOpen: false } }, 'MARKET_CLOSED'],
    [
      'a second entry in a ticker',
      { ...small, session: { ...session, symbolsAtWork: new Set([order.symbol]) } },
      'DUPLICATE_TICKER',
    ],
    [
      'an exit after a kill',
      {
        ...small,
        order: { purpose: 'exit', strategy: PROBE, symbol: order.symbol },
        bot: { ...bot, killSwitchTripped: true },
      },
      'allowed',
    ],
  ];
  const wrong = cases.flatMap(([what, input, wanted]) => {
    const verdict = gate(input);
    const got = verdict.allow ? 'allowed' : verdict.limit;
    return got === wanted ? [] : [`${what} should be ${wanted}, is ${got}`];
  });
  return result('risk gate', wrong);
}

export function killSwitchCheck(loss: typeof dailyLoss): CheckResult {
  const day = (realized: string, unrealized: string): boolean =>
    loss({
      realized: dollars(realized),
      unrealized: dollars(unrealized),
      floatAtStart: dollars('10000.00'),
      limitFraction: dollars('0.05'),
    }).breached;
  const cases: readonly (readonly [string, boolean, boolean])[] = [
    ['a loss of 500.01 on a limit of 500.00 trips', day('-300.00', '-200.01'), true],
    ['a loss at the limit does not', day('-300.00', '-200.00'), false],
    ['a gain does not', day('900.00', '0.00'), false],
    ['a gain does not hide a greater loss', day('100.00', '-700.00'), true],
  ];
  return result(
    'kill switch',
    cases.flatMap(([what, got, wanted]) => (got === wanted ? [] : [`check failed: ${what}`])),
  );
}

export function watchdogCheck(watch: typeof look): CheckResult {
  const full = watch('disk', watchAt('healthy'), { freeMb: 1 });
  const emptied = watch('disk', full.watch, { freeMb: 10_000 });
  const wrong = [
    ...(full.change?.to === 'down' ? [] : ['a full disk is not detected']),
    ...(emptied.change === undefined ? [] : ['one good sample ends the alarm']),
    ...(watch('broker', watchAt('healthy'), { latencyMs: 60_000 }).change === undefined
      ? []
      : ['one slow answer raises the alarm']),
  ];
  return result('watchdog', wrong);
}

export function errorHandlerCheck(sort: typeof classify): CheckResult {
  const secret = sort(new Error('connect to https://user:canary@host failed'));
  const down = sort(networkError('retry', { code: 'TIMEOUT', message: 'no answer', remedy: 'Wait.' }));
  const wrong = [
    ...(JSON.stringify(secret).includes('canary') ? ['a credential is not removed'] : []),
    ...(secret.errorType === 'LogicError' ? [] : ['an unknown error is not classified as a defect']),
    ...(down.errorType === 'NetworkError' && down.errorCode === 'TIMEOUT'
      ? []
      : ['a broken connection is not recognized']),
  ];
  return result('error handler', wrong);
}

/** RUN-23: the configured sequence, and the single strategy of an override. */
export function routerCheck(route: typeof strategiesToRun, settings: Settings): CheckResult {
  const names = (given: Partial<Pick<Settings, SettingKey>>): string =>
    route({ ...DEFAULT_SETTINGS, ...given })
      .map(({ name }) => name)
      .join(',');
  const inOrder = STRATEGIES.map(({ name }) => name).join(',');
  const alone = (name: ConfiguredStrategy): boolean => names({ STRATEGY_OVERRIDE: name }) === name;
  const without = (name: ConfiguredStrategy): boolean =>
    names({ [`STRAT_${strategyKey(name)}_ENABLED`]: false }) === STRATEGY_NAMES.filter((one) => one !== name).join(',');
  const wrong = [
    ...(names({}) === inOrder ? [] : [`the defaults route ${names({})}, not ${inOrder}`]),
    ...(STRATEGY_NAMES.every(alone) ? [] : ['STRATEGY_OVERRIDE has no effect']),
    ...(STRATEGY_NAMES.every(without) ? [] : ['a disabled strategy runs']),
  ];
  if (wrong.length > 0) return result('strategy router', wrong);
  const ok = route(settings).length > 0;
  return {
    module: 'strategy router',
    ok,
    cause: ok ? '' : 'the settings allow no strategy to run',
    remedy: ok ? '' : 'Enable a strategy that STRATEGY_SEQUENCE or STRATEGY_OVERRIDE names.',
  };
}
