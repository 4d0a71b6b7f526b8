import type { Projection } from '../../../projections/kit/projection.js';
import type { Position } from '../../events/event.js';
import type { RebuildProgress } from './build-projections.js';
import type { OpenProjections, Shadow } from './open-projections.js';
import { comparedShadows, type ProjectionCheck } from './projection-check.js';
import { furthestPosition, leastPosition, runProjections, type EventSource } from './run-projections.js';

/** Pages of one portion: long enough to save commits, short enough for the projections in use, which wait for its end. */
const PORTION_PAGES = 2;

/**
 * Shadows of projections that stay in use meanwhile: they are built in portions, between which the caller brings the
 * projections in use to the head of the journal.
 */
export class PortionedBuild {
  readonly #steps: readonly (readonly Shadow[])[];

  /** Opens the shadows. Throws what the disk refuses; then none is left. */
  constructor(
    private readonly open: OpenProjections,
    private readonly source: EventSource,
    name: string,
  ) {
    const chosen = new Set(open.chosen(name));
    const shadows: Shadow[] = [];
    try {
      this.#steps = open.steps
        .map((step) =>
          this.#opened(
            step.filter((one) => chosen.has(one)),
            shadows,
          ),
        )
        .filter(({ length }) => length > 0);
    } catch (error) {
      for (const { target } of shadows) target.discard();
      open.forgetShadows();
      throw error;
    }
  }

  /** The names of what is built. */
  get names(): readonly string[] {
    return this.#shadows.map(({ runner }) => runner.projection.name);
  }

  /** Reads one portion of the journal up to `upTo`; false when everything has reached it. */
  async advance(upTo: Position | null, onProgress?: RebuildProgress): Promise<boolean> {
    for (const step of this.#steps) {
      const runners = step.map(({ runner }) => runner).filter(({ stopped }) => stopped === null);
      const reached = leastPosition(runners);
      if (upTo === null || runners.length === 0 || (reached !== null && reached >= upTo)) continue;
      await runProjections(this.source, runners, { upTo, pages: PORTION_PAGES, mostReads: 1 });
      await this.#report(onProgress);
      return true;
    }
    return false;
  }

  /** Replaces the files in use, all or none; the projections in use must be closed or at `upTo`. */
  async swapIn(upTo: Position | null): Promise<void> {
    while (await this.advance(upTo));
    this.open.swapIn(this.#shadows);
    this.open.forgetShadows();
  }

  /** Compares with the files in use, which must be published and at the furthest position of all, and deletes the shadows. */
  async compare(): Promise<ProjectionCheck> {
    const position = furthestPosition(this.open.runners());
    while (await this.advance(position));
    const found = comparedShadows(this.#shadows, position);
    this.discard();
    return found;
  }

  /** Deletes the shadows; does nothing to those that were swapped in. */
  discard(): void {
    for (const { target } of this.#shadows) target.discard();
    this.open.forgetShadows();
  }

  get #shadows(): readonly Shadow[] {
    return this.#steps.flat();
  }

  #opened(projections: readonly Projection[], all: Shadow[]): readonly Shadow[] {
    const opened: Shadow[] = [];
    try {
      this.open.openShadows(projections, opened);
    } finally {
      all.push(...opened);
    }
    return opened;
  }

  /** Each step reads the whole journal once. */
  async #report(onProgress: RebuildProgress | undefined): Promise<void> {
    if (onProgress === undefined) return;
    const total = (await this.source.journal.head())?.count ?? 0;
    const done = this.#steps.map((step) => Math.min(...step.map(({ runner }) => runner.checkpoint.events)));
    onProgress(
      done.reduce((sum, each) => sum + Math.min(each, total), 0),
      total * this.#steps.length,
    );
  }
}
