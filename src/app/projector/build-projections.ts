import type { Projection } from '../../../projections/kit/projection.js';
import type { Position } from '../../events/event.js';
import { invariant } from '../../kernel/errors.js';
import { PowerCut } from '../../ports/projection-targets.js';
import type { OpenProjections, Shadow } from './open-projections.js';
import { runProjections, type EventSource } from './run-projections.js';

/** Called after each page of a rebuild: events done, of the total. */
export type RebuildProgress = (done: number, total: number) => void;

/** A projection that was built, and why. */
export interface RebuiltProjection {
  readonly name: string;
  readonly reason: string;
}

/** The result of opening all projections. */
export interface Opened {
  /** Events read from the journal. */
  readonly events: number;
  readonly rebuilt: readonly RebuiltProjection[];
}

/** Projections to build even when they are in order, and the progress callback. */
interface BuildOptions {
  readonly wanted?: ReadonlySet<string>;
  readonly onProgress?: RebuildProgress | undefined;
}

/**
 * Opens closed projections; builds the missing, outdated or damaged ones, and the requested ones, all of them up to one
 * position. They replace the old ones together when every build is complete, or not at all.
 */
export async function openOrBuild(
  open: OpenProjections,
  source: EventSource,
  { wanted = new Set(), onProgress }: BuildOptions = {},
): Promise<Opened> {
  const reasons = new Map<string, string>();
  const head = (await source.journal.head())?.position;
  for (const projection of open.projections) {
    const reason = open.open(projection, head) ?? (wanted.has(projection.name) ? 'requested' : undefined);
    if (reason !== undefined) reasons.set(projection.name, reason);
  }
  const steps = open.steps
    .map((step) => step.filter(({ name }) => reasons.has(name)))
    .filter(({ length }) => length > 0);
  let events = 0;
  if (steps.length > 0) {
    await source.verify();
    events = await buildProjections(open, source, { steps, upTo: head ?? null, onProgress });
    // Other processes append while they are built.
    reopen(open, steps.flat(), (await source.journal.head())?.position);
  }
  return { events, rebuilt: [...reasons].map(([name, reason]) => ({ name, reason })) };
}

function reopen(open: OpenProjections, chosen: readonly Projection[], head: Position | undefined): void {
  for (const projection of chosen) {
    const reason = open.open(projection, head);
    invariant(
      reason === undefined,
      'PROJECTION_NOT_BUILT',
      `${projection.name} was built but cannot be opened: ${reason ?? ''}`,
    );
  }
}

interface Build {
  /** Each step reads what the previous ones have built. */
  readonly steps: readonly (readonly Projection[])[];
  readonly upTo: Position | null;
  readonly onProgress?: RebuildProgress | undefined;
}

async function buildProjections(
  open: OpenProjections,
  source: EventSource,
  { steps, upTo, onProgress }: Build,
): Promise<number> {
  const shadows: Shadow[] = [];
  try {
    let read = 0;
    for (const step of steps) {
      const ofStep: Shadow[] = [];
      try {
        open.openShadows(step, ofStep);
      } finally {
        shadows.push(...ofStep);
      }
      read += await runShadows(source, ofStep, { upTo, onProgress });
    }
    open.swapIn(shadows);
    return read;
  } catch (error) {
    if (!(error instanceof PowerCut)) for (const { target } of shadows) target.discard();
    throw error;
  } finally {
    open.forgetShadows();
  }
}

/** A target under construction is invisible: larger batches save commits and state texts. */
const SHADOW_PAGES = 8;

/** Brings shadows from the first event to the head, or to `upTo`. */
export async function runShadows(
  source: EventSource,
  shadows: readonly Shadow[],
  { upTo, onProgress }: { readonly upTo?: Position | null; readonly onProgress?: RebuildProgress | undefined },
): Promise<number> {
  const total = (await source.journal.head())?.count ?? 0;
  return runProjections(
    source,
    shadows.map(({ runner }) => runner),
    {
      pages: SHADOW_PAGES,
      onPage: (done) => onProgress?.(Math.min(done, total), total),
      ...(upTo === undefined ? {} : { upTo }),
    },
  );
}
