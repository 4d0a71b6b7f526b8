import type { Position } from '../../events/event.js';
import { refuseSharedFiles } from '../../../projections/kit/claims.js';
import type { Projection, ProjectionHealth } from '../../../projections/kit/projection.js';
import { configError, invariant, type TradeBotError } from '../../kernel/errors.js';
import { parseUtcText, type UtcText } from '../../kernel/time.js';
import type { Journal } from '../../ports/journal.js';
import {
  PowerCut,
  type OpenTarget,
  type ProjectionStop,
  type ProjectionTargets,
} from '../../ports/projection-targets.js';
import { compared, type ProjectionCheck, type Shadow } from './projection-check.js';
import { ProjectionRunner } from './projection-runner.js';
import { SerialQueue } from '../journal/serial-queue.js';

/** How a projection stands against the head of the journal (JRN-25). */
export interface ProjectionStatus {
  readonly name: string;
  readonly version: number;
  readonly position: Position | null;
  readonly events: number;
  readonly lagEvents: number;
  /** Between the last event it has and the last event there is, by their recording times. */
  readonly lagMs: number;
  readonly stopped: ProjectionStop | null;
}

export interface ProjectorReport {
  /** Events read from the journal by this call. */
  readonly events: number;
  readonly rebuilt: readonly { readonly name: string; readonly reason: string }[];
  readonly projections: readonly ProjectionStatus[];
}

export interface ProjectorParts {
  readonly journal: Pick<Journal, 'head' | 'readAll'>;
  readonly projections: readonly Projection[];
  readonly targets: ProjectionTargets;
  /** Events a page and a commit; 1000 when not given. */
  readonly pageSize?: number;
  /** Awaited between pages: a process that must hear others meanwhile lets its event loop turn here. */
  readonly breathe?: () => Promise<unknown>;
}

export type RebuildProgress = (done: number, total: number) => void;

/**
 * Feeds every projection from the journal, each exactly once (JRN-21). One projector a home. A projection that meets an
 * event it cannot apply stops there, the others go on; a restart or a rebuild tries again.
 */
export class Projector {
  readonly #journal: Pick<Journal, 'head' | 'readAll'>;
  readonly #targets: ProjectionTargets;
  readonly #projections: readonly Projection[];
  readonly #pageSize: number;
  readonly #breathe: (() => Promise<unknown>) | undefined;
  readonly #live = new Map<string, ProjectionRunner>();
  readonly #shadows = new Map<string, ProjectionRunner>();
  /** Stopped while they were built: they stay so until the next start. */
  readonly #halted = new Map<string, ProjectionStop>();
  readonly #queue = new SerialQueue();
  #closed = false;

  constructor(parts: ProjectorParts) {
    this.#journal = parts.journal;
    this.#targets = parts.targets;
    this.#pageSize = parts.pageSize ?? 1000;
    this.#breathe = parts.breathe;
    invariant(this.#pageSize >= 1 && this.#pageSize <= 100_000, 'BAD_PAGE_SIZE', `a page of ${this.#pageSize} events`);
    const checked = refuseSharedFiles(parts.projections);
    this.#projections = [...checked].sort((a, b) => waveOf(a) - waveOf(b));
  }

  /** Brings all projections to the head of the journal as it is when this is called. Calls run one after the other. */
  catchUp(): Promise<ProjectorReport> {
    return this.#inTurn(async () => {
      const { events, rebuilt } = await this.#openAll();
      const read = await this.#feed(this.#runners().filter((runner) => runner.stopped === null));
      if (rebuilt.length > 0) this.#renderWatchers();
      this.#keepStops();
      return { events: events + read, rebuilt, projections: await this.#statuses() };
    });
  }

  states(): Promise<readonly ProjectionStatus[]> {
    return this.#inTurn(async () => {
      await this.#openAll();
      return this.#statuses();
    });
  }

  /**
   * Makes the target anew beside the old one, from the first event on, and swaps it in (JRN-22). A name that does not
   * exist is refused. When the journal cannot be applied to its end, the old target stays and the fault is thrown.
   */
  rebuild(name: string, onProgress?: RebuildProgress): Promise<ProjectorReport> {
    return this.#inTurn(async () => {
      const chosen = new Set(this.#chosen(name).map((projection) => projection.name));
      const { events, rebuilt } = await this.#openAll(chosen, onProgress);
      this.#keepStops();
      return { events, rebuilt, projections: await this.#statuses() };
    });
  }

  /**
   * Brings the targets in use to the head, makes them anew beside, and compares (JRN-22): what is there stays as it is,
   * but for what was missing or unreadable, which opening had to build and which counts as a difference.
   */
  check(name: string, onProgress?: RebuildProgress): Promise<ProjectionCheck> {
    return this.#inTurn(async () => {
      const chosen = this.#chosen(name);
      const { rebuilt } = await this.#openAll();
      const reasons = new Map(rebuilt.map((one) => [one.name, one.reason]));
      await this.#feed(this.#runners().filter((runner) => runner.stopped === null));
      this.#keepStops();
      for (const { target } of this.#runners()) target.publish();
      const position = furthest(this.#runners());
      const shadows: Shadow[] = [];
      try {
        this.#openShadows(chosen, shadows);
        const total = (await this.#journal.head())?.count ?? 0;
        const runners = shadows.map(({ runner }) => runner);
        await this.#feed(runners, {
          upTo: position,
          pages: SHADOW_PAGES,
          onPage: (done) => onProgress?.(Math.min(done, total), total),
        });
        const projections = shadows.map((shadow) => compared(shadow, reasons.get(shadow.runner.projection.name)));
        return { ok: projections.every((one) => one.ok), position, projections };
      } finally {
        for (const { target } of shadows) target.discard();
        this.#shadows.clear();
      }
    });
  }

  /** Databases in their final form: to be called when a session has ended and `catchUp` has run. */
  publish(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#openAll();
      for (const { target } of this.#runners()) target.publish();
    });
  }

  /** Publishes and lets go of all files. The journal is not closed: it is not ours. */
  async close(): Promise<void> {
    if (this.#closed) return;
    if (this.#live.size > 0) await this.publish();
    await this.#inTurn(() => {
      this.#closed = true;
      for (const { target } of this.#live.values()) target.close();
      this.#targets.close();
      return Promise.resolve();
    });
  }

  /** Those that are open, watchers last. */
  #runners(): readonly ProjectionRunner[] {
    return this.#projections.flatMap(({ name }) => this.#live.get(name) ?? []);
  }

  /** The one of that name, or all. */
  #chosen(name: string): readonly Projection[] {
    const found = this.#projections.filter((projection) => name === 'all' || projection.name === name);
    if (found.length > 0 || name === 'all') return found;
    const names = this.#projections.map((projection) => projection.name);
    throw unknownProjection(name, names);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.#queue.run(() => {
      invariant(!this.#closed, 'PROJECTOR_CLOSED', 'the projector was used after it was closed');
      return work();
    });
  }

  /** Opens what is not open; builds what is missing, outgrown or damaged, and what is asked for. */
  async #openAll(wanted: ReadonlySet<string> = new Set(), onProgress?: RebuildProgress): Promise<Rebuilt> {
    const build: { readonly projection: Projection; readonly reason: string }[] = [];
    const head = (await this.#journal.head())?.position;
    for (const projection of this.#projections) {
      const reason = this.#openOne(projection, head) ?? (wanted.has(projection.name) ? 'asked for' : undefined);
      if (reason !== undefined) build.push({ projection, reason });
    }
    let events = 0;
    for (const wave of WAVES) {
      const chosen = build.filter(({ projection }) => waveOf(projection) === wave).map(({ projection }) => projection);
      if (chosen.length > 0) events += await this.#buildAndOpen(chosen, onProgress);
    }
    return { events, rebuilt: build.map(({ projection, reason }) => ({ name: projection.name, reason })) };
  }

  async #buildAndOpen(chosen: readonly Projection[], onProgress?: RebuildProgress): Promise<number> {
    const events = await this.#build(chosen, onProgress);
    // other processes append while it is built
    const head = (await this.#journal.head())?.position;
    for (const projection of chosen) {
      const reason = this.#openOne(projection, head);
      invariant(
        reason === undefined,
        'PROJECTION_NOT_BUILT',
        `${projection.name} was built and cannot be opened: ${reason ?? ''}`,
      );
    }
    return events;
  }

  /** Opens it into the live set; the reason when it must be built first. */
  #openOne(projection: Projection, head: Position | undefined): string | undefined {
    if (this.#live.has(projection.name)) return undefined;
    const result = this.#targets.open(projection);
    if (result.state === 'rebuild') return result.reason;
    const { version, position } = result.target.checkpoint;
    const ahead = position !== null && (head === undefined || position > head);
    if (version !== projection.version || ahead) {
      result.target.close();
      if (ahead) return 'it is ahead of the journal, which was put back';
      return `version ${version} is there, version ${projection.version} is wanted`;
    }
    const runner = this.#runner(projection, result.target, true);
    runner.stopped = this.#halted.get(projection.name) ?? null;
    this.#live.set(projection.name, runner);
    return undefined;
  }

  #runner(projection: Projection, target: OpenTarget, live: boolean): ProjectionRunner {
    return new ProjectionRunner(projection, target, () => this.#healthFor(projection.name), live);
  }

  /** What a watcher shows of the others: how many events they are behind it, and why they stopped. */
  #healthFor(watcher: string): readonly ProjectionHealth[] {
    const current = (name: string): ProjectionRunner | undefined => this.#shadows.get(name) ?? this.#live.get(name);
    const own = current(watcher)?.checkpoint.events ?? 0;
    return this.#projections
      .filter(({ name }) => name !== watcher)
      .map(({ name }) => {
        const other = current(name);
        const lagEvents = other === undefined ? 0 : Math.max(0, own - other.checkpoint.events);
        return { name, lagEvents, stopped: other?.stopped ?? null };
      });
  }

  /** Pages from the least checkpoint up to the head as it is now, or to `upTo`; each event is offered to all. */
  async #feed(runners: readonly ProjectionRunner[], { upTo, onPage, pages = 1 }: FeedOptions = {}): Promise<number> {
    const end = upTo === undefined ? ((await this.#journal.head())?.position ?? null) : upTo;
    let after = least(runners);
    let read = 0;
    while (end !== null && runners.length > 0 && (after === null || after < end)) {
      const page = await this.#journal.readAll({ limit: this.#pageSize * pages, ...(after === null ? {} : { after }) });
      const last = page.at(-1);
      invariant(
        last !== undefined,
        'JOURNAL_ENDS_EARLY',
        `the journal has no event after ${after ?? 'its start'}, its head says so`,
      );
      const wanted = upTo === undefined ? page : page.filter((event) => event.position <= end);
      for (const runner of runners) runner.take(wanted);
      read += page.length;
      after = last.position;
      onPage?.(read);
      await this.#breathe?.();
    }
    return read;
  }

  async #build(chosen: readonly Projection[], onProgress?: RebuildProgress): Promise<number> {
    const shadows: Shadow[] = [];
    try {
      this.#openShadows(chosen, shadows);
      for (const { name } of chosen) this.#halted.delete(name);
      const total = (await this.#journal.head())?.count ?? 0;
      const runners = shadows.map(({ runner }) => runner);
      const read = await this.#feed(runners, {
        pages: SHADOW_PAGES,
        onPage: (done) => onProgress?.(Math.min(done, total), total),
      });
      for (const shadow of shadows) this.#swapIn(shadow);
      return read;
    } catch (error) {
      if (!(error instanceof PowerCut)) for (const { target } of shadows) target.discard();
      throw error;
    } finally {
      this.#shadows.clear();
    }
  }

  /** Puts each into `shadows` as it is opened, so that a failure half-way leaves none behind. */
  #openShadows(chosen: readonly Projection[], shadows: Shadow[]): void {
    for (const projection of chosen) {
      const target = this.#targets.openShadow(projection);
      const runner = this.#runner(projection, target, false);
      shadows.push({ runner, target });
      this.#shadows.set(projection.name, runner);
    }
  }

  /** A target that stopped early may take the place of nothing, never of one that is there. */
  #swapIn({ runner, target }: Shadow): void {
    const { name } = runner.projection;
    const old = this.#live.get(name);
    if (runner.stopped !== null && old !== undefined) throw notRebuilt(name, runner.stopped);
    runner.renderNow();
    old?.target.close();
    this.#live.delete(name);
    target.promote();
    if (runner.stopped !== null) this.#halted.set(name, runner.stopped);
  }

  /** A watcher that was built while events came in has seen the others behind it: they have caught up since. */
  #renderWatchers(): void {
    for (const runner of this.#runners()) if (runner.projection.watchesOthers) runner.renderNow();
  }

  #keepStops(): void {
    const known = this.#targets.stops();
    for (const [name, { stopped }] of this.#live) {
      if (known.get(name)?.position !== stopped?.position) this.#targets.recordStop(name, stopped);
    }
  }

  async #statuses(): Promise<readonly ProjectionStatus[]> {
    const head = await this.#journal.head();
    const [last] = await this.#journal.readAll({ direction: 'backwards', limit: 1 });
    return this.#runners().map(({ projection, checkpoint, stopped }) => ({
      name: projection.name,
      version: projection.version,
      position: checkpoint.position,
      events: checkpoint.events,
      lagEvents: Math.max(0, (head?.count ?? 0) - checkpoint.events),
      lagMs: last === undefined ? 0 : lagMs(last.recordedAt, checkpoint.recordedAt ?? null),
      stopped,
    }));
  }
}

/** Those that stand on the journal alone, then those that read the books, then the one that watches the others. */
const WAVES = [0, 1, 2] as const;

function waveOf(projection: Projection): (typeof WAVES)[number] {
  if (projection.watchesOthers) return 2;
  return projection.readsBooks ? 1 : 0;
}

/** A target that is being built is seen by nobody: larger batches save commits and texts of states. */
const SHADOW_PAGES = 8;

interface FeedOptions {
  /** No event after it is taken; the head when left out, null for nothing at all. */
  readonly upTo?: Position | null;
  readonly onPage?: (read: number) => void;
  /** Pages read and committed at once. */
  readonly pages?: number;
}

interface Rebuilt {
  readonly events: number;
  readonly rebuilt: ProjectorReport['rebuilt'];
}

/** Null: from the first event on. */
function least(runners: readonly ProjectionRunner[]): Position | null {
  let first: Position | null | undefined;
  for (const { checkpoint, stopped } of runners) {
    if (stopped !== null) continue;
    if (checkpoint.position === null) return null;
    if (first === undefined || first === null || checkpoint.position < first) first = checkpoint.position;
  }
  return first ?? null;
}

function furthest(runners: readonly ProjectionRunner[]): Position | null {
  let last: Position | null = null;
  for (const { checkpoint } of runners) {
    if (checkpoint.position !== null && (last === null || checkpoint.position > last)) last = checkpoint.position;
  }
  return last;
}

function lagMs(head: UtcText, reached: UtcText | null): number {
  return reached === null ? 0 : Math.max(0, parseUtcText(head) - parseUtcText(reached));
}

function notRebuilt(name: string, stop: ProjectionStop): TradeBotError {
  return configError({
    code: 'PROJECTION_NOT_REBUILT',
    message: `${name} cannot apply the ${stop.type} at position ${stop.position} (${stop.reason}); the old files stay`,
    remedy: 'Report it with this position, or run a version of the program that can apply the event.',
  });
}

function unknownProjection(name: string, names: readonly string[]): TradeBotError {
  return configError({
    code: 'UNKNOWN_PROJECTION',
    message: `"${name.slice(0, 40)}" is not a projection`,
    remedy: `Name one of: ${names.join(', ')}, or all.`,
  });
}
