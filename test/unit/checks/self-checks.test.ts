import { describe, expect, test } from '@jest/globals';
import { classify } from '../../../src/app/errors/classify.js';
import { filterCheck } from '../../../src/app/checks/filter-checks.js';
import { MODULES, type ModulesUnderCheck } from '../../../src/app/checks/module-checks.js';
import { runSelfChecks, type SelfCheckParts } from '../../../src/app/checks/self-checks.js';
import { sessionOf } from '../../../src/domain/calendar/nyse.js';
import { parseSettings } from '../../../src/domain/config/settings.js';
import { parseDateText } from '../../../src/kernel/time.js';
import { STRATEGIES, strategiesToRun } from '../../../src/strategies/registry.js';
import type { CheckResult, Filter, Strategy } from '../../../src/strategies/strategy.js';

const DAY = sessionOf(parseDateText('2026-01-06'))!;

function parts(over: Partial<SelfCheckParts> = {}, given: Readonly<Record<string, string>> = {}): SelfCheckParts {
  const settings = parseSettings(given);
  return {
    settings,
    strategies: strategiesToRun(settings),
    context: { settings, date: DAY.date, opensAt: DAY.opensAt, closesAt: DAY.closesAt },
    broker: { selfCheck: () => Promise.resolve([{ name: 'sim', ok: true, cause: '', remedy: '' }]) },
    ...over,
  };
}

const failures = (results: readonly CheckResult[]): readonly string[] =>
  results.filter(({ ok }) => !ok).map(({ module, cause }) => `${module}: ${cause}`);

const broken = (over: Partial<ModulesUnderCheck>): Promise<readonly CheckResult[]> =>
  runSelfChecks(parts({ modules: { ...MODULES, ...over } }));

test('every module answers and passes', async () => {
  const results = await runSelfChecks(parts());
  expect(failures(results)).toEqual([]);
  expect(results.map(({ module }) => module)).toEqual([
    'risk gate',
    'kill switch',
    'watchdog',
    'error handler',
    'strategy router',
    'broker.sim',
    'strategy open: window',
    'strategy open: short type',
    'strategy mid: window',
    'strategy mid: short type',
    'strategy close: window',
    'strategy close: short type',
    'filter fundamental-guard',
    'filter black-scholes-filter',
    'filter adx-filter',
    'filter bollinger-confluence',
    'filter vix-gatekeeper',
    'filter imbalance-scanner',
  ]);
});

describe('each broken module is found', () => {
  test('a gate that allows everything, or nothing', async () => {
    const all = await broken({ gate: () => ({ allow: true }) });
    expect(failures(all)).toHaveLength(1);
    expect(failures(all)[0]).toContain('risk gate: an entry beyond its allocation should be WEIGHT_SLICE, is allowed');
    const none = await broken({ gate: () => ({ allow: false, limit: 'KILL_SWITCH', figures: {} }) });
    expect(failures(none)[0]).toContain('a small entry should be allowed, is KILL_SWITCH');
    expect(failures(none)[0]).toContain('an exit after a kill should be allowed');
  });

  test('a kill switch that trips at the wrong loss', async () => {
    const results = await broken({ loss: (day) => ({ ...MODULES.loss(day), breached: false }) });
    expect(failures(results)[0]).toContain('kill switch: check failed: a loss of 500.01 on a limit of 500.00 trips');
  });

  test('a watchdog that sees nothing, or flaps', async () => {
    const blind = await broken({ watch: (_subject, watch) => ({ watch, change: undefined }) });
    expect(failures(blind)[0]).toContain('watchdog: a full disk is not detected');
    const rule = { measures: [], worseAfter: 1, betterAfter: 1, remedy: '' };
    const flaps = await broken({
      watch: (subject, watch, sample) => {
        const grade = (sample['freeMb'] ?? 0) < 100 ? 'down' : 'healthy';
        const change = { subject, from: watch.state, to: grade, reason: '', figures: {} } as const;
        return { watch: { state: grade, looksWorse: 0, looksBetter: rule.betterAfter - 1 }, change };
      },
    });
    expect(failures(flaps)[0]).toContain('one good sample ends the alarm');
  });

  test('an error handler that leaks a credential', async () => {
    const results = await broken({
      classify: (error) => ({ ...classify(error), message: (error as Error).message }),
    });
    expect(failures(results)).toEqual(['error handler: a credential is not removed']);
  });

  test('a router that does not follow the sequence', async () => {
    const results = await broken({ route: () => STRATEGIES.slice(1) });
    expect(failures(results)[0]).toContain('strategy router: the defaults route mid,close, not open,mid,close');
  });

  test('settings that allow nothing to run', async () => {
    const off = { STRAT_OPEN_ENABLED: 'false', STRAT_MID_ENABLED: 'false', STRAT_CLOSE_ENABLED: 'false' };
    expect(failures(await runSelfChecks(parts({}, off)))).toEqual([
      'strategy router: the settings allow no strategy to run',
    ]);
  });

  test('a broker that is unhealthy, and one that does not answer', async () => {
    const ill = {
      selfCheck: () => Promise.resolve([{ name: 'account', ok: false, cause: 'closed', remedy: 'Call.' }]),
    };
    expect(failures(await runSelfChecks(parts({ broker: ill })))).toEqual(['broker.account: closed']);
    const dead = { selfCheck: () => Promise.reject(new Error('no line')) };
    expect(failures(await runSelfChecks(parts({ broker: dead })))).toEqual(['broker: the check failed: no line']);
  });

  test('a strategy whose window lies outside the day, and one that throws', async () => {
    const early = parts();
    const context = { ...early.context, closesAt: DAY.opensAt };
    expect(failures(await runSelfChecks(parts({ context })))[0]).toContain('strategy open: window: START_TIME_OPEN');
    const [first] = STRATEGIES;
    const throwing: Strategy = {
      ...first!,
      selfCheck: () => {
        throw new Error('no table');
      },
    };
    const results = await runSelfChecks(parts({ strategies: [throwing] }));
    expect(failures(results)).toEqual(['strategy open: the check failed: no table']);
  });

  test.each(STRATEGIES.flatMap(({ filters }) => filters).map((filter): [string, Filter] => [filter.name, filter]))(
    'the filter %s, when it allows all or blocks all',
    (_name, filter) => {
      const { context } = parts();
      const allows: Filter = { ...filter, judge: () => ({ allow: true }) };
      const blocks: Filter = { ...filter, judge: () => ({ allow: false, reason: { code: 'X', figures: {} } }) };
      expect(filterCheck(filter, context)).toMatchObject({ ok: true });
      expect(filterCheck(allows, context)).toMatchObject({ ok: false, cause: expect.stringContaining('is allowed') });
      expect(filterCheck(blocks, context)).toMatchObject({ ok: false, cause: expect.stringContaining('is blocked') });
    },
  );

  test('a filter that throws, and one that is off', async () => {
    const [, first] = STRATEGIES;
    const filters = first!.filters.map((filter): Filter => ({
      ...filter,
      judge: () => {
        throw new Error('no market');
      },
    }));
    const results = await runSelfChecks(parts({ strategies: [{ ...first!, filters }] }));
    expect(failures(results)).toContain(`filter ${filters[0]!.name}: the check failed: no market`);
    const toggles = ['ADX_FILTER', 'BOLLINGER_CONFLUENCE', 'VIX_GATE', 'FUNDAMENTAL_GUARD', 'IMBALANCE_SCANNER'];
    const toggled = Object.fromEntries(toggles.map((name) => [`${name}_ENABLED`, 'false']));
    const settings = { ...toggled, ENABLE_BSM_FILTER: 'false' };
    const off = await runSelfChecks(parts({}, settings));
    expect(off.filter(({ module }) => module.startsWith('filter'))).toEqual([]);
  });
});
