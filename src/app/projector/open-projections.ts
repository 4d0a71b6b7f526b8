import { refuseSharedFiles } from '../../../projections/kit/claims.js';
import { inDependencyOrder } from '../../../projections/kit/dependency-order.js';
import { NO_REFUSALS, type Projection, type ProjectionHealth } from '../../../projections/kit/projection.js';
import type { Position } from '../../events/event.js';
import { configError, type TradeBotError } from '../../kernel/errors.js';
import type { OpenTarget, ProjectionStop, ProjectionTargets, ShadowTarget } from '../../ports/projection-targets.js';
import { unknownProjection } from './projection-names.js';
import { ProjectionRunner } from './projection-runner.js';

/** A projection that is built next to the one in use. */
export interface Shadow {
  readonly runner: ProjectionRunner;
  readonly target: ShadowTarget;
}

/** The projections of a home with their open targets: those in use, and the shadows that may replace them. */
export class OpenProjections {
  /** Each step waits for the previous ones. */
  readonly steps: readonly (readonly Projection[])[];
  readonly #targets: ProjectionTargets;
  readonly #live = new Map<string, ProjectionRunner>();
  readonly #shadows = new Map<string, ProjectionRunner>();
  /** Stopped while they were built: they stay stopped until the next start. */
  readonly #halted = new Map<string, ProjectionStop>();

  constructor(projections: readonly Projection[], targets: ProjectionTargets) {
    this.#targets = targets;
    this.steps = inDependencyOrder(refuseSharedFiles(projections));
  }

  /** All projections, each after its dependencies. */
  get projections(): readonly Projection[] {
    return this.steps.flat();
  }

  /** The projection of that name, or all for `all`; refuses an unknown name. */
  chosen(name: string): readonly Projection[] {
    const all = this.projections;
    const found = all.filter((projection) => name === 'all' || projection.name === name);
    if (found.length > 0 || name === 'all') return found;
    throw unknownProjection(
      name,
      all.map((projection) => projection.name),
    );
  }

  /** The runners in use, each after its dependencies. */
  runners(): readonly ProjectionRunner[] {
    return this.projections.flatMap(({ name }) => this.#live.get(name) ?? []);
  }

  /** The runners in use that no event has stopped. */
  running(): readonly ProjectionRunner[] {
    return this.runners().filter((runner) => runner.stopped === null);
  }

  /** Puts the projection into use; the reason when it must be built first. */
  open(projection: Projection, head: Position | undefined): string | undefined {
    if (this.#live.has(projection.name)) return undefined;
    const result = this.#targets.open(projection);
    if (result.state === 'rebuild') return result.reason;
    const { version, position } = result.target.checkpoint;
    const ahead = position !== null && (head === undefined || position > head);
    if (version !== projection.version || ahead) {
      result.target.close();
      if (ahead) return 'it is ahead of the journal, which was restored from a backup';
      return `version ${version} exists, version ${projection.version} is required`;
    }
    const runner = this.#runnerOf(projection, result.target, true);
    runner.stopped = this.#halted.get(projection.name) ?? null;
    this.#live.set(projection.name, runner);
    return undefined;
  }

  /** Puts each shadow into `shadows` as it is opened, so that a failure half-way leaves none behind. */
  openShadows(chosen: readonly Projection[], shadows: Shadow[]): void {
    for (const projection of chosen) {
      const target = this.#targets.openShadow(projection);
      const runner = this.#runnerOf(projection, target, false);
      shadows.push({ runner, target });
      this.#shadows.set(projection.name, runner);
    }
  }

  /** The shadows are replaced or discarded. */
  forgetShadows(): void {
    this.#shadows.clear();
  }

  /**
   * Replaces the targets in use by their shadows, all or none: one that stopped early while its target is in use keeps
   * every old file.
   */
  swapIn(shadows: readonly Shadow[]): void {
    for (const { runner } of shadows) runner.renderNow();
    for (const { runner } of shadows) {
      const { name } = runner.projection;
      if (runner.stopped !== null && this.#live.has(name)) throw notRebuilt(name, runner.stopped);
    }
    this.#targets.recordSwap(shadows.map(({ runner }) => runner.projection));
    for (const { runner } of shadows) {
      const { name } = runner.projection;
      this.#live.get(name)?.target.close();
      this.#live.delete(name);
      // a new build may have passed the point where the last one stopped
      if (runner.stopped === null) this.#halted.delete(name);
      else this.#halted.set(name, runner.stopped);
    }
    this.#targets.finishSwaps();
  }

  /**
   * A watcher may have seen others behind that have caught up since: while it was built, while their files were locked, or in a process
   * that was killed.
   */
  renderWatchers(): void {
    for (const runner of this.running()) if (runner.projection.after === 'all') runner.renderIfStale();
  }

  /** Records which projections are stopped, and where. */
  keepStops(): void {
    const known = this.#targets.stops();
    for (const [name, { stopped }] of this.#live) {
      if (known.get(name)?.position !== stopped?.position) this.#targets.recordStop(name, stopped);
    }
  }

  /** Brings the files of databases up to date. */
  settle(): void {
    for (const { target } of this.runners()) target.settle();
  }

  /** Brings databases into their final form. */
  publish(): void {
    for (const { target } of this.runners()) target.publish();
  }

  /** Closes all files. */
  close(): void {
    for (const { target } of this.#live.values()) target.close();
    this.#targets.close();
  }

  #runnerOf(projection: Projection, target: OpenTarget, live: boolean): ProjectionRunner {
    return new ProjectionRunner(projection, target, () => this.#healthFor(projection.name, live), live);
  }

  /**
   * A watcher's view of the other projections: how many events they are behind it, and why they stopped. One in use sees
   * those in use, a shadow those that are built with it.
   */
  #healthFor(watcher: string, live: boolean): readonly ProjectionHealth[] {
    const [first, second] = live ? [this.#live, this.#shadows] : [this.#shadows, this.#live];
    const current = (name: string): ProjectionRunner | undefined => first.get(name) ?? second.get(name);
    const own = current(watcher)?.checkpoint.events ?? 0;
    return this.projections
      .filter(({ name }) => name !== watcher)
      .map(({ name }) => {
        const other = current(name);
        const lagEvents = other === undefined ? 0 : Math.max(0, own - other.checkpoint.events);
        return { name, lagEvents, stopped: other?.stopped ?? null, refusals: other?.refusals ?? NO_REFUSALS };
      });
  }
}

function notRebuilt(name: string, stop: ProjectionStop): TradeBotError {
  return configError({
    code: 'PROJECTION_NOT_REBUILT',
    message: `${name} cannot apply the ${stop.type} at position ${stop.position} (${stop.reason}); all old files are kept`,
    remedy: 'Report it with this position, or run a version of the program that can apply the event.',
  });
}
