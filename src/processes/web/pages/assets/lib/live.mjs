import { sessionHeaders } from './api.mjs';

const POLL_MS = 5_000;
const LEAST_GAP_MS = 250;
/** Between two attempts to follow the events. */
const AGAIN_MS = 3_000;
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
  const leave = new AbortController();
  void follow(leave.signal, (name) => NEWS.includes(name) && void run());
  const timer = setInterval(() => document.visibilityState === 'visible' && void run(), POLL_MS);
  void run();
  return () => {
    state.over = true;
    clearInterval(timer);
    leave.abort();
  };
}

/** Reports the name of each event of the stream, which begins again when it ends. Not EventSource: that sends no header. */
async function follow(signal, report) {
  const last = { id: '' };
  while (!signal.aborted) {
    await read(signal, last, report).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}

async function read(signal, last, report) {
  const headers = { Accept: 'text/event-stream', ...sessionHeaders() };
  if (last.id !== '') headers['Last-Event-ID'] = last.id;
  const answer = await fetch('/api/events/live', { headers, signal, credentials: 'same-origin', cache: 'no-store' });
  if (!answer.ok) return;
  let rest = '';
  for await (const part of chunksOf(answer.body.pipeThrough(new TextDecoderStream()).getReader())) {
    const lines = (rest + part).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      if (line.startsWith('id:')) last.id = line.slice(3).trim();
      if (line.startsWith('event:')) report(line.slice(6).trim());
    }
  }
}

async function* chunksOf(reader) {
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}
