import { availableParallelism, loadavg } from 'node:os';

const CROWDED_PER_PROCESSOR = 5;
const SHARE_WHEN_CROWDED = 0.6;

/**
 * How many times as fast as ours a simulated world runs. Where many processes wait for each processor a bot may stand still for
 * ten seconds, which must not be half of a window, or its whole session: there the world is slower.
 */
export function worldSpeed(fast: number): number {
  const [load = 0] = loadavg();
  return load > CROWDED_PER_PROCESSOR * availableParallelism() ? fast * SHARE_WHEN_CROWDED : fast;
}
