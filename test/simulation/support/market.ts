import { SyntheticFeed } from '../../../src/adapters/feed-synthetic/synthetic-feed.js';
import type { SyntheticDay } from '../../../src/adapters/feed-synthetic/synthetic-day.js';

const days = new Map<string, SyntheticDay>();

/** A feed of its own with the invented market of a seed; a file of tests generates each day of it once. */
export function marketOf(seed: number): SyntheticFeed {
  return new SyntheticFeed({ seed, days });
}
