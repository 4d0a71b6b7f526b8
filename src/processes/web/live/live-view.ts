import type { EventType, RecordedEvent } from '../../../events/event.js';

/** Events that are streamed unchanged: every viewer may see them. */
const WHOLE = [
  'BotStateChanged',
  'BrokerResumed',
  'BrokerSuspended',
  'ControlFlagConsumed',
  'ControlFlagReported',
  'KillSwitchTripped',
  'MarketDataLost',
  'MarketDataRestored',
  'OrderFilled',
  'PositionClosed',
  'PositionOpened',
  'ProcessCrashed',
  'ProcessStarted',
  'ProcessStopped',
  'SessionClosed',
  'SessionOpened',
  'TestRunEnded',
  'TestRunStarted',
  'WatchdogStateChanged',
] as const satisfies readonly EventType[];

/** Events that are streamed in part: that they happened, and what a page needs to refresh. */
const IN_PART = [
  'BookTaskEnded',
  'BookTaskStarted',
  'BuildCheckCompleted',
  'ConfigChangeDeferred',
  'ConfigChangeWithdrawn',
  'ConfigChanged',
  'ErrorRecorded',
  'SecretsRotated',
  'SelfCheckCompleted',
] as const satisfies readonly EventType[];

export const LIVE_TYPES: readonly EventType[] = [...WHOLE, ...IN_PART];

/** Data of a live event. */
export function liveViewOf(event: RecordedEvent): { readonly data: unknown } {
  switch (event.type) {
    case 'BookTaskStarted':
    case 'BookTaskEnded':
      return { data: { taskId: event.data.taskId, kind: event.data.kind } };
    case 'ConfigChanged':
    case 'ConfigChangeDeferred':
      return { data: { keys: event.data.changes.map(({ key }) => key) } };
    case 'ConfigChangeWithdrawn':
      return { data: { keys: event.data.keys } };
    case 'SecretsRotated':
      return { data: { generation: event.data.generation } };
    case 'ErrorRecorded':
      return { data: { errorType: event.data.errorType, errorCode: event.data.errorCode } };
    case 'SelfCheckCompleted':
    case 'BuildCheckCompleted':
      return {
        data: { ok: event.data.ok, failed: event.data.checks.filter(({ ok }) => !ok).map(({ module }) => module) },
      };
    default:
      return { data: event.data };
  }
}
