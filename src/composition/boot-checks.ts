import { feedNameOf } from '../domain/config/feed-account.js';
import { runBuildCheck } from '../app/checks/build-check.js';
import { runSelfChecks } from '../app/checks/self-checks.js';
import type { BootChecks } from '../app/live/readiness.js';
import { loadSettings } from '../app/settings/load-settings.js';
import { hasOptions } from '../domain/config/broker-names.js';
import { isInCalendar, LAST_YEAR, nextTradingDay, sessionOf } from '../domain/calendar/nyse.js';
import type { Settings } from '../domain/config/settings.js';
import { nextSession, tradingHoursOf } from '../domain/schedule/trading-hours.js';
import { configError } from '../kernel/errors.js';
import { addDays, dateOf, parseDateText, type Clock } from '../kernel/time.js';
import type { BrokerConnection } from '../ports/broker-connection.js';
import type { Vault } from '../ports/vault.js';
import { ownStrategiesFound, type OwnStrategies } from '../strategies/own/own-strategies.js';
import { strategiesToRun } from '../strategies/registry.js';
import type { StrategyContext } from '../strategies/strategy.js';
import type { EngineCore } from './engine-core.js';
import { homeChecks } from './home-checks.js';
import { homeProjections } from './home-projections.js';
import type { MasterKeySource } from './seal-keys.js';
import { statementSource } from './statement-source.js';

/** What the checks before trading are made of, besides the home. */
export interface BootCheckParts {
  readonly vault: Vault;
  readonly pacer: Clock;
  readonly masterKey: MasterKeySource;
  /** The own strategies of the home. */
  readonly own: OwnStrategies;
  /** Called with all settings that were read. */
  readonly read: (settings: Settings) => void;
  /** The broker of these settings, as it is checked. May throw a ConfigError. */
  readonly broker: (settings: Settings) => Pick<BrokerConnection, 'selfCheck'>;
}

/** The checks of a bot before it may trade. */
export function bootChecks(
  core: EngineCore,
  { vault, pacer, masterKey, own, read, broker }: BootCheckParts,
): BootChecks {
  const { paths, identity, identityParts, codes, journal, versionTag } = core;
  const statement = statementSource({ paths, identity, identityParts, codes });
  const projections = homeProjections({ paths, identity, identityParts, codes, statement });
  return {
    ownStrategies: ownStrategiesFound(own),
    settings: (open) => {
      const settings = loadSettings(vault, versionTag, open);
      read(settings);
      return settings;
    },
    build: (settings) =>
      runBuildCheck(homeChecks({ paths, identity, journal, vault, settings, versionTag, projections, masterKey })),
    modules: (settings) =>
      runSelfChecks({
        settings,
        strategies: strategiesToRun(settings, own),
        context: nextDay(pacer, settings),
        // an account that cannot be named is a failed check, as one that does not answer
        broker: { selfCheck: async () => broker(settings).selfCheck() },
      }),
  };
}

/** More than the days between two sessions. */
const DAYS_AHEAD = 14;
const LAST_CHECKED = parseDateText(`${LAST_YEAR}-12-03`);

/** The current or the next session of the bot; trading windows are checked against its hours. */
function nextDay(clock: Clock, settings: Settings): StrategyContext {
  const today = dateOf(clock.now());
  // a clock outside the calendar is a fault of its own, and none of the strategies'
  const from = isInCalendar(addDays(today, DAYS_AHEAD)) ? today : LAST_CHECKED;
  const ofBot = isInCalendar(today) ? nextSession(clock.now(), tradingHoursOf(settings), undefined) : undefined;
  const day = ofBot ?? sessionOf(from) ?? sessionOf(nextTradingDay(from));
  if (day === undefined) throw noDay(from);
  const { date, opensAt, closesAt } = day;
  const feed = feedNameOf(settings.BROKER_NAME, settings.MARKET_DATA) ?? 'the simulator';
  return { settings, date, opensAt, closesAt, feed, optionChains: hasOptions(settings.BROKER_NAME) };
}

function noDay(today: string): Error {
  return configError({
    code: 'NO_TRADING_DAY',
    message: `the calendar has no trading day after ${today}`,
    remedy: 'Check the clock of this machine.',
  });
}
