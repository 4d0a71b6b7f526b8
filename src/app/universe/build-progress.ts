import type { EventData } from '../../events/event.js';
import { toUtcText, type Clock } from '../../kernel/time.js';
import type { UniverseProvider } from '../../ports/universe-provider.js';
import type { SnapshotHead, UniverseStore } from '../../ports/universe-store.js';
import type { StageProgress } from './fold-answers.js';
import type { Waiting } from './provider-quota.js';

export interface ProgressDeps {
  readonly head: SnapshotHead;
  readonly providers: readonly UniverseProvider[];
  readonly store: Pick<UniverseStore, 'showProgress' | 'log'>;
  readonly clock: Clock;
  readonly time: Waiting;
}

/** The partial file is written at most this often. */
const SHOWN_EACH_MS = 2_000;
/** A stage is journaled at each tenth, so that a build of any size has a bounded number of events. */
const PARTS = 10;

/** Shows how far a build has come: the partial file often, the journal at each tenth of a stage. */
export class BuildProgress {
  #shownAt: number | undefined;
  #journaled = '';

  constructor(private readonly deps: ProgressDeps) {}

  /** What is to be journaled now; undefined when that was said before. */
  at(progress: StageProgress): EventData<'UniverseBuildProgressed'> | undefined {
    const { stage, done, total } = progress;
    const { head, store, time, clock } = this.deps;
    const etaSeconds = this.#etaSeconds(progress);
    const step = `${stage} ${total === 0 ? PARTS : Math.floor((done * PARTS) / total)}`;
    const isNew = step !== this.#journaled;
    const now = time.elapsedMs();
    if (isNew || this.#shownAt === undefined || now - this.#shownAt >= SHOWN_EACH_MS) {
      this.#shownAt = now;
      const at = toUtcText(clock.now());
      const { build_id, date, started_at } = head;
      const figures = {
        build_id,
        date,
        started_at,
        at,
        stage,
        done,
        total,
        eta_seconds: etaSeconds,
        left: progress.left,
      };
      store.showProgress(`${JSON.stringify(figures)}\n`);
    }
    if (!isNew) return undefined;
    this.#journaled = step;
    store.log(`${head.build_id}: ${stage} ${done} of ${total}, ${etaSeconds} s left in this stage`);
    return { buildId: head.build_id, stage, done, total, etaSeconds };
  }

  /** Providers are asked at the same time: the one with the most calls for its quota decides. */
  #etaSeconds({ left }: StageProgress): number {
    const seconds = this.deps.providers.map(({ name, quota }) => {
      const perSecond = Math.min(quota.perMinute / 60, quota.perSecond);
      return (left[name] ?? 0) / perSecond;
    });
    return Math.ceil(Math.max(0, ...seconds));
  }
}
