import type { EventData } from '../../events/event.js';

/** Why a position is closed. */
export type ExitReason = EventData<'PositionClosed'>['exitReason'];
