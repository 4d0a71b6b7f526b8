import { pauseMs } from '../adapters/broker-common/pause.js';
import { AlpacaProvider } from '../adapters/provider-alpaca/alpaca-provider.js';
import { EdgarProvider } from '../adapters/provider-edgar/edgar-provider.js';
import { FINNHUB_URL, FinnhubProvider } from '../adapters/provider-finnhub/finnhub-provider.js';
import { UniverseFilesStore } from '../adapters/universe-files/universe-files.js';
import type { EventAppender } from '../app/journal/event-appender.js';
import {
  buildUniverse,
  rebuildUniverse,
  type BuildDates,
  type UniverseOutcome,
} from '../app/universe/build-universe.js';
import type { BuiltUniverse } from '../app/universe/fold-answers.js';
import type { Waiting } from '../app/universe/provider-quota.js';
import { nextTradingDay } from '../domain/calendar/nyse.js';
import type { Settings } from '../domain/config/settings.js';
import type { HomePaths } from '../domain/home/home-paths.js';
import { lastClosedSession } from '../domain/universe/build-due.js';
import { providerAccounts, type ProviderAccount } from '../domain/universe/provider-accounts.js';
import { configError } from '../kernel/errors.js';
import { secret } from '../kernel/secret.js';
import { toUtcText, type Clock, type DateText, type EpochMs } from '../kernel/time.js';
import type { EnabledProvider, UniverseProvider } from '../ports/universe-provider.js';
import type { Vault } from '../ports/vault.js';

export interface HomeUniverse {
  readonly paths: Pick<HomePaths, 'universe'>;
  readonly vault: Pick<Vault, 'secret'>;
  readonly settings: Settings;
  readonly appender: EventAppender;
  readonly clock: Clock;
  /** Left out: the machine's. */
  readonly time?: Waiting;
  /** A universe of this session that is published already is not built again. */
  readonly unlessPublished?: boolean;
}

/** Builds and publishes the universe of a home, or continues a build that was cut off. Throws what `buildUniverse` throws. */
export async function buildHomeUniverse(home: HomeUniverse): Promise<UniverseOutcome | AlreadyBuilt> {
  const { paths, vault, settings, appender, clock, time = MACHINE_TIME, unlessPublished = false } = home;
  const store = new UniverseFilesStore(paths.universe, clock);
  const dates = buildDates(clock.now());
  if (unlessPublished && store.dates().includes(dates.universe)) return { state: 'already', date: dates.universe };
  const accounts = providerAccounts(vault.secret('screener_api'));
  const enabled = accounts.map((account) => enabledProvider(account, clock));
  return buildUniverse({ ...{ store, enabled, settings, appender, clock, time, dates } });
}

/** The universe of the last session is published. */
export interface AlreadyBuilt {
  readonly state: 'already';
  readonly date: DateText;
}

/** Makes the universe of a past date again from its recorded answers; asks nobody, and needs no key. */
export function rebuildHomeUniverse(
  paths: Pick<HomePaths, 'universe'>,
  clock: Clock,
  date: DateText,
): Promise<BuiltUniverse> {
  return rebuildUniverse(new UniverseFilesStore(paths.universe, clock), readersOnly(clock), date);
}

function enabledProvider(account: ProviderAccount, clock: Clock): EnabledProvider {
  const use = { universe: account.uses.includes('universe'), enrichment: account.uses.includes('enrichment') };
  return { provider: providerOf(account, clock), use };
}

function providerOf({ name, url, apiKey, secretKey, contact }: ProviderAccount, clock: Clock): UniverseProvider {
  switch (name) {
    case 'alpaca':
      return new AlpacaProvider({ url, key: apiKey, secretKey, clock });
    case 'finnhub':
      return new FinnhubProvider({ url: url || FINNHUB_URL, key: apiKey, clock });
    case 'edgar':
      return new EdgarProvider({ url, contact, clock });
  }
}

/** Providers that read recorded answers: none of them has a key. */
function readersOnly(clock: Clock): readonly UniverseProvider[] {
  const none = secret('');
  return [
    new AlpacaProvider({ url: '', key: none, secretKey: none, clock }),
    new FinnhubProvider({ url: FINNHUB_URL, key: none, clock }),
    new EdgarProvider({ url: '', contact: '', clock }),
  ];
}

/** The last session that has closed, and the one after it. Throws ConfigError CLOCK_OUTSIDE_CALENDAR. */
export function buildDates(now: EpochMs): BuildDates {
  const universe = lastClosedSession(now);
  if (universe !== undefined) return { universe, nextSession: nextTradingDay(universe) };
  throw configError({
    code: 'CLOCK_OUTSIDE_CALENDAR',
    message: `the clock says ${toUtcText(now)}, which the calendar of the exchange does not have`,
    remedy: 'Set the clock of this machine; then: tradebot universe build.',
  });
}

/** The time of the machine, by which the calls of providers are counted whatever the bot's world does. */
export const MACHINE_TIME: Waiting = { elapsedMs: () => performance.now(), wait: pauseMs };
