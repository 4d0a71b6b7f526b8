import type { EventData, RecordedEvent } from '../../events/event.js';

/** An own strategy that traded in a past session with another module than the one of today. */
export interface ChangedCode {
  readonly strategy: string;
  /** Digest of the module that traded. */
  readonly recorded: string;
  /** Digest of the module of today; null when there is none that can run. */
  readonly now: string | null;
}

/** The own strategies of a session whose module is another one now: what they do in a replay is not what they did. */
export function changedCode(
  events: readonly RecordedEvent[],
  found: EventData<'OwnStrategiesFound'>,
): readonly ChangedCode[] {
  return events.flatMap((event) => {
    if (event.type !== 'StrategyStarted' || event.data.codeSha256 === undefined) return [];
    const { strategy, codeSha256: recorded } = event.data;
    const now = found.strategies.find(({ name }) => name === strategy)?.sha256 ?? null;
    return now === recorded ? [] : [{ strategy, recorded, now }];
  });
}
