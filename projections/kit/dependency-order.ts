import { configError } from '../../src/kernel/errors.js';
import type { Projection } from './projection.js';

/**
 * The projections in steps: each one is in a step after all that its `after` names; within a step the order is that of
 * the list. Refuses an unknown name and projections that wait for each other.
 */
export function inDependencyOrder(projections: readonly Projection[]): readonly (readonly Projection[])[] {
  const names = new Set(projections.map(({ name }) => name));
  for (const { name, after } of projections) {
    const missing = after === 'all' ? undefined : after.find((other) => !names.has(other));
    if (missing !== undefined) throw unknownDependency(name, missing);
  }
  const watchers = projections.filter(({ after }) => after === 'all');
  const steps: (readonly Projection[])[] = [];
  const placed = new Set<string>();
  let left = projections.filter(({ after }) => after !== 'all');
  while (left.length > 0) {
    const step = left.filter(({ after }) => after !== 'all' && after.every((name) => placed.has(name)));
    if (step.length === 0) throw circularDependency(left.map(({ name }) => name));
    steps.push(step);
    for (const { name } of step) placed.add(name);
    left = left.filter((one) => !step.includes(one));
  }
  return watchers.length === 0 ? steps : [...steps, watchers];
}

function unknownDependency(name: string, missing: string): Error {
  return configError({
    code: 'PROJECTION_AFTER_UNKNOWN',
    message: `${name} comes after ${missing}, which is not a projection of this home`,
    remedy: 'Name projections of the list in `after`.',
  });
}

function circularDependency(names: readonly string[]): Error {
  return configError({
    code: 'PROJECTION_AFTER_CIRCLE',
    message: `these projections wait for each other: ${names.join(', ')}`,
    remedy: 'Remove one of their `after` entries.',
  });
}
