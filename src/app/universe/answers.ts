import type { Provenance } from '../../domain/universe/observation.js';
import { dataError, networkError, TradeBotError } from '../../kernel/errors.js';
import { sha256Hex } from '../../kernel/hash.js';
import { addDays, dateOf, parseUtcText, toUtcText, type Clock } from '../../kernel/time.js';
import type { ProviderAnswer, UniverseProvider } from '../../ports/universe-provider.js';
import type { Snapshot, SnapshotLine, UniverseStore } from '../../ports/universe-store.js';
import type { ProviderQuota } from './provider-quota.js';

/** An answer with its text, ready to be read; undefined when the provider has none. */
export type Answered = { readonly text: string; readonly provenance: Provenance } | undefined;

/** Where a build gets its answers: from the providers, or from what an earlier build recorded. */
export interface Answers {
  answer(provider: UniverseProvider, path: string): Promise<Answered>;
}

const keyOf = (provider: string, path: string): string => `${provider} ${path}`;

/** The recorded answers of a build, by request. */
class Recorded {
  readonly #lines = new Map<string, SnapshotLine>();
  readonly #closed = new Set<string>();

  add(line: SnapshotLine, endpoint: string): void {
    this.#lines.set(keyOf(line.provider, line.path), line);
    if (line.why === 'NOT_IN_PLAN') this.#closed.add(keyOf(line.provider, endpoint));
  }

  /** `none` for an endpoint that the plan refuses: nothing of it is asked again. */
  find(provider: UniverseProvider, path: string): SnapshotLine | 'none' | undefined {
    const line = this.#lines.get(keyOf(provider.name, path));
    if (line !== undefined) return line;
    return this.#closed.has(keyOf(provider.name, provider.endpointOf(path))) ? 'none' : undefined;
  }
}

function recordedIn(snapshot: Snapshot, providers: readonly UniverseProvider[]): Recorded {
  const recorded = new Recorded();
  for (const line of snapshot.lines) {
    const provider = providers.find(({ name }) => name === line.provider);
    if (provider !== undefined) recorded.add(line, provider.endpointOf(line.path));
  }
  return recorded;
}

function answeredBy(line: SnapshotLine, store: Pick<UniverseStore, 'textOf'>): Answered {
  if (line.sha256 === null) return undefined;
  const { provider: source, at, sha256 } = line;
  return { text: store.textOf(sha256), provenance: { source, at, sha256 } };
}

/** Answers of a finished build alone: a request that it did not make is damage. */
export class RecordedAnswers implements Answers {
  readonly #recorded: Recorded;

  constructor(
    private readonly snapshot: Snapshot,
    providers: readonly UniverseProvider[],
    private readonly store: Pick<UniverseStore, 'textOf'>,
  ) {
    this.#recorded = recordedIn(snapshot, providers);
  }

  async answer(provider: UniverseProvider, path: string): Promise<Answered> {
    const found = this.#recorded.find(provider, path);
    if (found === 'none') return undefined;
    if (found !== undefined) return Promise.resolve(answeredBy(found, this.store));
    throw dataError({
      code: 'SNAPSHOT_INCOMPLETE',
      message: `the snapshot of ${this.snapshot.head.date} has no answer of ${provider.name} to ${path}`,
      remedy: 'This date cannot be rebuilt with this version; its published file is unchanged.',
    });
  }
}

export interface FetchingDeps {
  readonly store: UniverseStore;
  readonly clock: Clock;
  readonly quotaOf: (provider: UniverseProvider) => ProviderQuota;
  readonly log: (text: string) => void;
}

/** Calls of one request before the build is given up. */
const MOST_TRIES = 6;
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 120_000;

/** Asks the providers, and keeps each answer before it is used: what was asked before a crash is not asked again. */
export class FetchedAnswers implements Answers {
  readonly #recorded: Recorded;
  readonly #earlier: Recorded;

  /** `unfinished` is the build that continues; `earlier` the last one, whose answers may still be good. */
  constructor(
    private readonly deps: FetchingDeps,
    unfinished: Snapshot,
    earlier: Snapshot | undefined,
    providers: readonly UniverseProvider[],
  ) {
    this.#recorded = recordedIn(unfinished, providers);
    this.#earlier = earlier === undefined ? new Recorded() : recordedIn(earlier, providers);
  }

  async answer(provider: UniverseProvider, path: string): Promise<Answered> {
    const found = this.#recorded.find(provider, path);
    if (found === 'none') return undefined;
    if (found !== undefined) return answeredBy(found, this.deps.store);
    const kept = this.#stillGood(provider, path);
    const { line, text } = kept ?? (await this.#ask(provider, path));
    this.deps.store.keep(line, text);
    this.#recorded.add(line, provider.endpointOf(path));
    return answeredBy(line, this.deps.store);
  }

  #stillGood(
    provider: UniverseProvider,
    path: string,
  ): { readonly line: SnapshotLine; readonly text: undefined } | undefined {
    const days = provider.keepsDays(path);
    const line = days === 0 ? undefined : this.#earlier.find(provider, path);
    // what a plan refuses may be in another plan today
    if (line === undefined || line === 'none' || line.why === 'NOT_IN_PLAN') return undefined;
    if (dateOf(parseUtcText(line.at)) < addDays(dateOf(this.deps.clock.now()), -days)) return undefined;
    return line.sha256 === null || this.deps.store.hasText(line.sha256) ? { line, text: undefined } : undefined;
  }

  async #ask(
    provider: UniverseProvider,
    path: string,
  ): Promise<{ readonly line: SnapshotLine; readonly text: string | undefined }> {
    const quota = this.deps.quotaOf(provider);
    for (let tries = 1; ; tries += 1) {
      await quota.take();
      try {
        const answer = await provider.fetch(path);
        const at = toUtcText(this.deps.clock.now());
        return this.#lineOf(provider, path, answer, at);
      } catch (error) {
        if (!(error instanceof TradeBotError) || !mayRepeat(error)) throw error;
        if (tries >= MOST_TRIES) throw givenUp(provider.name, path, tries, error);
        const pauseMs = pauseOf(error, tries);
        this.deps.log(`${provider.name} ${path}: ${error.message}; again in ${Math.ceil(pauseMs / 1_000)} s`);
        quota.pause(pauseMs);
      }
    }
  }

  /** An answer that cannot be read is no answer: it is asked again, and never kept. */
  #lineOf(
    provider: UniverseProvider,
    path: string,
    answer: ProviderAnswer,
    at: SnapshotLine['at'],
  ): { readonly line: SnapshotLine; readonly text: string | undefined } {
    const head = { provider: provider.name, path, at };
    if (answer.kind === 'none') return { line: { ...head, sha256: null, why: answer.why }, text: undefined };
    const sha256 = sha256Hex(answer.text);
    provider.read(path, answer.text, { source: provider.name, at, sha256 });
    return { line: { ...head, sha256, why: null }, text: answer.text };
  }
}

const mayRepeat = ({ callerMust, code }: TradeBotError): boolean =>
  callerMust === 'retry' || code === 'PROVIDER_ANSWER';

/** What the provider says, else twice as long each time. */
function pauseOf(error: TradeBotError, tries: number): number {
  const { pauseMs } = error.details;
  const own = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (tries - 1));
  return typeof pauseMs === 'number' ? Math.min(Math.max(pauseMs, 0), 15 * LONGEST_PAUSE_MS) : own;
}

function givenUp(provider: string, path: string, tries: number, cause: TradeBotError): TradeBotError {
  return networkError('retry', {
    code: 'PROVIDER_UNAVAILABLE',
    message: `${provider} did not answer ${path} after ${tries} tries: ${cause.message}`,
    remedy: `${cause.remedy} The build continues where it stopped: tradebot universe build.`,
    cause,
  });
}
