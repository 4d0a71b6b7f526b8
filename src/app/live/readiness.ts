import { DEFAULT_SETTINGS, parseSettings, type Settings } from '../../domain/config/settings.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import { TradeBotError, type ErrorKind } from '../../kernel/errors.js';
import type { CheckResult } from '../../strategies/strategy.js';
import { STREAMS } from '../../events/streams.js';
import type { EngineAppender } from '../journal/engine-appender.js';

/** What is looked at before the bot may trade (RUN-20, RUN-21). None of them throws for what is merely wrong. */
export interface BootChecks {
  /** Decrypts and validates the configuration; a ConfigError lists all faults. */
  settings(): Settings;
  /** Keys, schemas, chart of accounts, folders, constraints of the databases. */
  build(settings: Settings): Promise<readonly CheckResult[]>;
  /** Every module is asked whether it can work. */
  modules(settings: Settings): Promise<readonly CheckResult[]>;
}

export interface NotReady {
  readonly kind: ErrorKind;
  readonly code: string;
  /** All failures, each with its remedy. */
  readonly cause: string;
}

export type Readiness = { readonly settings: Settings } | { readonly fault: NotReady };

const GOES_ON: readonly ErrorKind[] = ['LogicError', 'JournalError'];

/** One strategy that cannot run is left out of the day and told; anything else blocks the session. */
const LEFT_OUT = 'strategy ';
/** Not a strategy in spite of its name: without it none is chosen rightly. */
const ROUTER = 'strategy router';

export function blocksSession({ ok, module }: CheckResult): boolean {
  return !ok && (module === ROUTER || !module.startsWith(LEFT_OUT));
}

/** Reads the configuration anew, asks everything, journals all answers, and says whether the bot may trade. */
export async function checkReadiness(checks: BootChecks, appender: EngineAppender): Promise<Readiness> {
  let settings: Settings;
  try {
    settings = checks.settings();
  } catch (error) {
    return { fault: faultOf(error) };
  }
  const build = await checks.build(settings);
  await appender.decideOnNewest(STREAMS.health, () => [
    {
      type: 'BuildCheckCompleted',
      data: { ok: build.every(({ ok }) => ok), checks: [...build] },
      correlationId: 'boot',
      causationId: null,
    },
  ]);
  const modules = await checks.modules(settings);
  await appender.decideOnNewest(STREAMS.lifecycle, () => [
    {
      type: 'SelfCheckCompleted',
      data: { ok: modules.every(({ ok }) => ok), checks: [...modules] },
      correlationId: 'boot',
      causationId: null,
    },
  ]);
  const failed = [...build, ...modules].filter(blocksSession);
  if (failed.length === 0) return { settings };
  const cause = failed
    .map(({ module, cause: why, remedy }) => `${module}: ${why.replace(/[.]?$/, '.')} ${remedy}`)
    .join(' | ');
  return { fault: { kind: 'ConfigError', code: 'CHECKS_FAILED', cause } };
}

/** What a person can mend becomes a fault; a defect, or a journal that cannot be written, goes on its way. */
export function faultOf(error: unknown): NotReady {
  if (!(error instanceof TradeBotError) || GOES_ON.includes(error.kind)) throw error;
  return { kind: error.kind, code: error.code, cause: `${error.message}. ${error.remedy}` };
}

/** The settings that the journal has, secrets at their defaults; the defaults when they are of another version. */
export function recordedSettings(state: EngineState): Settings {
  try {
    return parseSettings(Object.fromEntries(Object.entries(state.settings).filter(([, text]) => text !== '')));
  } catch {
    return DEFAULT_SETTINGS;
  }
}
