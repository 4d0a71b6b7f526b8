import { fundamentalsText } from '../../domain/universe/fundamentals.js';
import { exclusions } from '../../domain/universe/select.js';
import { parsePublished } from '../../domain/universe/universe-file.js';
import type { Settings } from '../../domain/config/settings.js';
import { describeSettings } from '../../domain/config/settings.js';
import type { Draft } from '../../events/draft.js';
import type { EventData } from '../../events/event.js';
import { STREAMS } from '../../events/streams.js';
import { configError, TradeBotError } from '../../kernel/errors.js';
import { sha256Hex } from '../../kernel/hash.js';
import { addDays, toUtcText, type Clock, type DateText } from '../../kernel/time.js';
import type { EnabledProvider, UniverseProvider } from '../../ports/universe-provider.js';
import type { Snapshot, SnapshotHead, UniverseStore } from '../../ports/universe-store.js';
import type { EventAppender } from '../journal/event-appender.js';
import { FetchedAnswers, RecordedAnswers } from './answers.js';
import { foldAnswers, type BuiltUniverse } from './fold-answers.js';
import { BuildProgress } from './build-progress.js';
import { ProviderQuota, type Waiting } from './provider-quota.js';

export interface UniverseDeps {
  readonly store: UniverseStore;
  readonly enabled: readonly EnabledProvider[];
  readonly settings: Settings;
  readonly appender: EventAppender;
  readonly clock: Clock;
  readonly time: Waiting;
  readonly dates: BuildDates;
}

/** The last session before a build, and the first one that may use it. */
export interface BuildDates {
  readonly universe: DateText;
  readonly nextSession: DateText;
}

/** How a build ended. */
export interface UniverseOutcome {
  readonly state: 'published' | 'waiting_for_credentials';
  readonly date: DateText;
  readonly buildId: string | null;
  readonly symbols: number;
  readonly listed: number;
  readonly sha256: string | null;
  readonly notes: readonly string[];
}

/**
 * Builds the universe of a date and publishes it (TRD-10). A build that was cut off continues with the answers that it has.
 * Without an enabled provider it waits for credentials, which is no failure. Throws what made it fail, after
 * UniverseBuildFailed is journaled; the published universe is then unchanged.
 */
export async function buildUniverse(deps: UniverseDeps): Promise<UniverseOutcome> {
  const { store, enabled, dates } = deps;
  if (!enabled.some(({ use }) => use.universe)) return wait(deps);
  store.noteWaiting(false);
  const { snapshot, resumed } = begin(deps);
  const { head } = snapshot;
  await record(deps, {
    type: 'UniverseBuildStarted',
    data: { buildId: head.build_id, date: head.date, providers: head.providers.map(({ name }) => name), resumed },
  });
  store.log(`${head.build_id}: ${resumed ? `resumed with ${snapshot.lines.length} answers` : 'started'}`);
  try {
    const built = await fold(deps, snapshot);
    return await publish(deps, head, built);
  } catch (error) {
    await fail(deps, head, error);
    throw error;
  } finally {
    store.prune(addDays(dates.universe, -deps.settings.SCREENER_SNAPSHOT_DAYS));
  }
}

/** Makes the files of a past date again from its recorded answers. Throws SNAPSHOT_MISSING, SNAPSHOT_DAMAGED. */
export async function rebuildUniverse(
  store: UniverseStore,
  providers: readonly UniverseProvider[],
  date: DateText,
): Promise<BuiltUniverse> {
  const snapshot = store.snapshot(date);
  if (snapshot === undefined) throw noSnapshot(date, store.dates());
  const enabled = snapshot.head.providers.flatMap(({ name, universe, enrichment }) =>
    providers.filter((one) => one.name === name).map((provider) => ({ provider, use: { universe, enrichment } })),
  );
  return foldAnswers(snapshot.head, enabled, new RecordedAnswers(snapshot, providers, store));
}

async function wait({ store, appender, dates }: UniverseDeps): Promise<UniverseOutcome> {
  store.noteWaiting(true);
  await appender.decide(STREAMS.universe, (last) =>
    last?.type === 'UniverseBuildSkipped'
      ? []
      : [
          {
            type: 'UniverseBuildSkipped',
            data: { date: dates.universe, reason: 'waiting_for_credentials' },
            correlationId: 'universe',
            causationId: last?.id ?? null,
          },
        ],
  );
  const nothing = { buildId: null, symbols: 0, listed: 0, sha256: null };
  return { state: 'waiting_for_credentials', date: dates.universe, ...nothing, notes: [] };
}

/** The build of this date that was cut off: its answers stay good, whatever setting or blocklist changed meanwhile. */
function begin({ store, enabled, settings, clock, dates }: UniverseDeps): { snapshot: Snapshot; resumed: boolean } {
  const started_at = toUtcText(clock.now());
  const head: SnapshotHead = {
    ...{ format: 1, build_id: `${dates.universe}-${started_at.replace(/\D/g, '')}`, date: dates.universe, started_at },
    providers: enabled.map(({ provider, use }) => ({ name: provider.name, ...use })),
    settings: decidingSettings(settings),
    blocklist: store.blocklistText(),
  };
  const unfinished = store.unfinished();
  const resumed = unfinished?.head.date === head.date;
  if (resumed && decisive(unfinished.head) === decisive(head)) return { snapshot: unfinished, resumed };
  const lines = resumed ? unfinished.lines : [];
  store.begin(head, lines);
  return { snapshot: { head, lines }, resumed };
}

const decisive = ({ providers, settings, blocklist }: SnapshotHead): string =>
  JSON.stringify([providers, settings, blocklist]);

function decidingSettings(settings: Settings): SnapshotHead['settings'] {
  const texts = Object.entries(describeSettings(settings)).filter(([key]) => key.startsWith('SCREENER_UNIVERSE_'));
  return Object.fromEntries(texts);
}

async function fold(deps: UniverseDeps, snapshot: Snapshot): Promise<BuiltUniverse> {
  const { store, enabled, clock, time } = deps;
  const providers = enabled.map(({ provider }) => provider);
  const quotas = new Map(providers.map(({ name, quota }) => [name, new ProviderQuota(quota, time)]));
  const [last] = store.dates().slice(-1);
  const answers = new FetchedAnswers(
    {
      ...{ store, clock },
      quotaOf: (provider) => quotas.get(provider.name) ?? new ProviderQuota(provider.quota, time),
      log: (text) => store.log(`${snapshot.head.build_id}: ${text}`),
    },
    snapshot,
    last === undefined ? undefined : store.snapshot(last),
    providers,
  );
  const progress = new BuildProgress({ head: snapshot.head, providers, store, clock, time });
  const journaled: Promise<void>[] = [];
  const built = await foldAnswers(snapshot.head, enabled, answers, (at) => {
    const step = progress.at(at);
    if (step !== undefined) journaled.push(record(deps, { type: 'UniverseBuildProgressed', data: step }));
  }).finally(() => Promise.all(journaled));
  return built;
}

async function publish(deps: UniverseDeps, head: SnapshotHead, built: BuiltUniverse): Promise<UniverseOutcome> {
  const { store, dates, settings } = deps;
  const { files, header, listed, judged, blocklistFaults } = built;
  const universe = parsePublished(files.published);
  const oldest = addDays(dates.nextSession, -settings.SCREENER_SNAPSHOT_DAYS);
  store.keepFundamentals(dates.nextSession, fundamentalsText(universe, dates.nextSession), oldest);
  store.publish(files);
  const symbols = universe.symbols.length;
  const sha256 = sha256Hex(files.published);
  await record(deps, {
    type: 'UniversePublished',
    data: {
      ...{ buildId: head.build_id, date: head.date, asOf: header.as_of, symbols, listed, sha256 },
      unfilteredSha256: sha256Hex(files.unfiltered),
      excluded: Object.entries(exclusions(judged)).map(([code, count]) => ({ code, count })),
      notes: [...header.notes],
    },
  });
  // after the event: a crash before it ends the build again, with the same answers and the same event
  store.finish(head.date);
  for (const fault of blocklistFaults) store.log(`${head.build_id}: blocklist: ${fault}`);
  store.log(`${head.build_id}: published ${symbols} of ${listed} listed symbols, SHA-256 ${sha256}`);
  return { state: 'published', date: head.date, buildId: head.build_id, symbols, listed, sha256, notes: header.notes };
}

async function fail(deps: UniverseDeps, head: SnapshotHead, error: unknown): Promise<void> {
  const { code, message, remedy } =
    error instanceof TradeBotError
      ? error
      : {
          code: 'UNIVERSE_BUILD_FAILED',
          message: String(error),
          remedy: 'Fix the cause, then: tradebot universe build.',
        };
  deps.store.log(`${head.build_id}: failed ${code}: ${message}`);
  await record(deps, {
    type: 'UniverseBuildFailed',
    data: { buildId: head.build_id, date: head.date, code, message, remedy },
  });
}

type BuildDraft = {
  [K in 'UniverseBuildStarted' | 'UniverseBuildProgressed' | 'UniversePublished' | 'UniverseBuildFailed']: {
    readonly type: K;
    readonly data: EventData<K>;
  };
}['UniverseBuildStarted' | 'UniverseBuildProgressed' | 'UniversePublished' | 'UniverseBuildFailed'];

/** Once for each build and thing that it says: a publication that a crash repeats is journaled once. */
async function record({ appender }: UniverseDeps, draft: BuildDraft): Promise<void> {
  const key =
    draft.type === 'UniversePublished' ? { naturalKey: ['universe', draft.data.buildId, draft.data.sha256] } : {};
  const whole = { ...draft, ...key, correlationId: draft.data.buildId, causationId: null } as Draft;
  await appender.append(STREAMS.universe, [whole]);
}

function noSnapshot(date: DateText, kept: readonly DateText[]): TradeBotError {
  return configError({
    code: 'SNAPSHOT_MISSING',
    message: `no recorded answers of ${date} are kept`,
    remedy: kept.length === 0 ? 'No build is kept yet.' : `Kept are: ${kept.slice(-10).join(', ')}.`,
  });
}
