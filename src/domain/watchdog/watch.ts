import type { EventData } from '../../events/event.js';
import {
  WATCH_SUBJECTS,
  WATCH_TABLE,
  type WatchMeasure,
  type WatchRule,
  type WatchState,
  type WatchSubject,
} from './watch-table.js';

/** Measured values by measure name, without missing measures. */
export type Sample = Readonly<Record<string, number>>;

/** State of a subject, and the number of consecutive measures that disagree with it. */
export interface Watch {
  readonly state: WatchState;
  readonly looksWorse: number;
  readonly looksBetter: number;
}

export type WatchChange = EventData<'WatchdogStateChanged'>;

const GRADE: Readonly<Record<WatchState, number>> = { healthy: 0, degraded: 1, down: 2 };
const STATES: readonly WatchState[] = ['healthy', 'degraded', 'down'];

/** A watch that starts in a given state. */
export const watchAt = (state: WatchState): Watch => ({ state, looksWorse: 0, looksBetter: 0 });

/**
 * Evaluates one sample of a subject (TRD-43). Worsening and recovery have different thresholds, and each needs the number
 * of consecutive measures in the table. A sample without any measure changes nothing.
 */
export function look(
  subject: WatchSubject,
  watch: Watch,
  sample: Sample,
  rule: WatchRule = WATCH_TABLE[subject],
): { readonly watch: Watch; readonly change: WatchChange | undefined } {
  const taken = rule.measures.filter(({ name }) => sample[name] !== undefined);
  if (taken.length === 0) return { watch, change: undefined };
  const worst = Math.max(...taken.map((measure) => gradeWhenWorse(measure, valueOf(sample, measure))));
  const best = Math.max(...taken.map((measure) => gradeWhenBetter(measure, valueOf(sample, measure))));
  const now = GRADE[watch.state];
  if (worst > now) {
    const looksWorse = watch.looksWorse + 1;
    if (looksWorse < rule.worseAfter) return { watch: { ...watch, looksWorse, looksBetter: 0 }, change: undefined };
    return changed(subject, watch.state, worst, { rule, sample });
  }
  if (best < now) {
    const looksBetter = watch.looksBetter + 1;
    if (looksBetter < rule.betterAfter) return { watch: { ...watch, looksWorse: 0, looksBetter }, change: undefined };
    return changed(subject, watch.state, best, { rule, sample });
  }
  return { watch: watchAt(watch.state), change: undefined };
}

function changed(
  subject: WatchSubject,
  from: WatchState,
  grade: number,
  seen: { readonly rule: WatchRule; readonly sample: Sample },
): ReturnType<typeof look> {
  const to = STATES[grade] ?? 'down';
  const { measures } = seen.rule;
  const bad = measures.filter((measure) => {
    const value = seen.sample[measure.name];
    return value !== undefined && gradeWhenBetter(measure, value) > 0;
  });
  const figures = Object.fromEntries(
    measures.flatMap((measure): readonly (readonly [string, string])[] => {
      const value = seen.sample[measure.name];
      if (value === undefined) return [];
      return [
        [measure.name, shown(value)],
        [`${measure.name}Limit`, String(to === 'down' ? measure.downAt : measure.degradedAt)],
      ];
    }),
  );
  const reason = grade === 0 ? 'all measures are normal again' : bad.map(({ trouble }) => trouble).join('; ');
  return { watch: watchAt(to), change: { subject, from, to, reason: reason || 'better than before', figures } };
}

const valueOf = (sample: Sample, { name }: WatchMeasure): number => sample[name] ?? 0;
const shown = (value: number): string => (Number.isFinite(value) ? String(Math.round(value)) : 'no answer');

function gradeWhenWorse({ bad, degradedAt, downAt }: WatchMeasure, value: number): number {
  const reaches = (limit: number): boolean => (bad === 'high' ? value >= limit : value <= limit);
  return reaches(downAt) ? 2 : reaches(degradedAt) ? 1 : 0;
}

function gradeWhenBetter({ bad, healthyAgainAt, upAgainAt }: WatchMeasure, value: number): number {
  const beyond = (limit: number): boolean => (bad === 'high' ? value <= limit : value >= limit);
  return beyond(healthyAgainAt) ? 0 : beyond(upAgainAt) ? 1 : 2;
}

/** Last recorded state of each subject; `healthy` for one that was never recorded. */
export function watchesFrom(changes: readonly WatchChange[]): ReadonlyMap<WatchSubject, Watch> {
  const watches = new Map<WatchSubject, Watch>(WATCH_SUBJECTS.map((subject) => [subject, watchAt('healthy')]));
  for (const { subject, to } of changes) watches.set(subject, watchAt(to));
  return watches;
}
