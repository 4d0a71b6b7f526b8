const POLL_MS = 5_000;
const LEAST_GAP_MS = 250;
/** Names of the server's events that change what a page shows. */
const NEWS = [
  'BookTaskStarted',
  'BookTaskEnded',
  'BotStateChanged',
  'ControlFlagConsumed',
  'ControlFlagReported',
  'OrderFilled',
  'PositionOpened',
  'PositionClosed',
  'ProcessCrashed',
  'ProcessStarted',
  'ProcessStopped',
  'SessionOpened',
  'SessionClosed',
  'TestRunStarted',
  'TestRunEnded',
  'ConfigChanged',
  'KillSwitchTripped',
  'BuildCheckCompleted',
  'SelfCheckCompleted',
  'reset',
];

/**
 * Calls `refresh` immediately, on each server event and every 5 s while the page is visible; never twice at a time.
 * Returns a function that stops it.
 */
export function onNews(refresh) {
  const state = { busy: false, again: false, over: false };
  const run = async () => {
    if (state.over) return;
    state.again = state.busy;
    if (state.busy) return;
    state.busy = true;
    try {
      await refresh();
    } finally {
      // A refresh that fails must not be the last one: the page would show an old state for ever.
      await new Promise((resolve) => setTimeout(resolve, LEAST_GAP_MS));
      state.busy = false;
    }
    if (state.again) void run();
  };
  const source = new EventSource('/api/events/live');
  for (const name of NEWS) source.addEventListener(name, () => void run());
  const timer = setInterval(() => document.visibilityState === 'visible' && void run(), POLL_MS);
  void run();
  return () => {
    state.over = true;
    clearInterval(timer);
    source.close();
  };
}
