import type { EventData } from '../../events/event.js';

export type ExitReason = EventData<'PositionClosed'>['exitReason'];

const REASONS: readonly ExitReason[] = ['target_hit', 'stop_loss', 'timeout', 'kill', 'manual'];
const PREFIX = 'the position is closed: ';

/** What is left of an entry is cancelled because its position is to be closed for `reason`. */
export function cancelForExit(reason: ExitReason): string {
  return `${PREFIX}${reason}`;
}

/** The exit that such a cancel has begun; undefined for a cancel of another kind. */
export function exitBegunBy(cancelReason: string): ExitReason | undefined {
  return REASONS.find((reason) => cancelReason === cancelForExit(reason));
}
