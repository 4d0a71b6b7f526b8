import type { Settings } from '../../domain/config/settings.js';
import type { BrokerConnection } from '../../ports/broker-connection.js';
import type { CheckResult, Strategy, StrategyContext } from '../../strategies/strategy.js';
import { filterCheck } from './filter-checks.js';
import {
  errorHandlerCheck,
  gateCheck,
  killSwitchCheck,
  MODULES,
  routerCheck,
  watchdogCheck,
  type ModulesUnderCheck,
} from './module-checks.js';

/** The result of a check of a module. */
export interface ModuleCheck extends CheckResult {
  /** See BrokerCheck. */
  readonly mayPass?: true;
}

export interface SelfCheckParts {
  readonly settings: Settings;
  readonly strategies: readonly Strategy[];
  /** Of the next session: windows are checked against its hours. */
  readonly context: StrategyContext;
  readonly broker: Pick<BrokerConnection, 'selfCheck'>;
  readonly modules?: ModulesUnderCheck;
}

/**
 * `selfCheck()` of every module (RUN-21): risk gate, kill switch, watchdog, error handler, router, broker, each enabled
 * strategy and filter. Returns all results, passed ones too; never throws.
 */
export async function runSelfChecks(parts: SelfCheckParts): Promise<readonly ModuleCheck[]> {
  const { settings, strategies, context, modules = MODULES } = parts;
  const filters = new Map(
    strategies.flatMap(({ filters: own }) => own.map((filter) => [filter.name, filter] as const)),
  );
  const enabled = [...filters.values()].filter((filter) => filter.enabled(settings));
  return [
    ...asked('risk gate', () => [gateCheck(modules.gate)]),
    ...asked('kill switch', () => [killSwitchCheck(modules.loss)]),
    ...asked('watchdog', () => [watchdogCheck(modules.watch)]),
    ...asked('error handler', () => [errorHandlerCheck(modules.classify)]),
    ...asked('strategy router', () => [routerCheck(modules.route, settings)]),
    ...(await brokerChecks(parts.broker)),
    ...strategies.flatMap((strategy) => asked(`strategy ${strategy.name}`, () => strategy.selfCheck(context))),
    ...enabled.flatMap((filter) => asked(`filter ${filter.name}`, () => [filterCheck(filter, context)])),
  ];
}

function asked(module: string, ask: () => readonly CheckResult[]): readonly CheckResult[] {
  try {
    return ask();
  } catch (error) {
    return [failed(module, error)];
  }
}

async function brokerChecks(broker: SelfCheckParts['broker']): Promise<readonly ModuleCheck[]> {
  try {
    const answers = await broker.selfCheck();
    return answers.map(({ name, ...result }) => {
      return { module: name.startsWith('broker') ? name : `broker.${name}`, ...result };
    });
  } catch (error) {
    return [failed('broker', error)];
  }
}

function failed(module: string, error: unknown): CheckResult {
  const { message, remedy } = error as { readonly message?: unknown; readonly remedy?: unknown };
  return {
    module,
    ok: false,
    cause: `the check failed: ${typeof message === 'string' ? message : String(error)}`,
    remedy: typeof remedy === 'string' ? remedy : 'Report this with the log; nothing was changed.',
  };
}
