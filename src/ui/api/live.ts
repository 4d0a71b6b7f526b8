import { useSyncExternalStore } from 'react';
import { askAgain, type LiveOn } from './query.js';
import { sessionHeaders } from './session.js';
import { eventsOf, type ServerEvent } from './server-events.js';
import { Silence } from './silence.js';

/** How the line of live events stands. */
export type LineState = 'connecting' | 'live' | 'lost';

const AGAIN_MS = [250, 1_000, 2_000, 5_000];
/** Files of the bot follow the journal a little later than its events arrive. */
const SECOND_LOOK_MS = 800;

const line: { state: LineState; stop: AbortController | null; lastId: string; failures: number } = {
  ...{ state: 'connecting', stop: null, lastId: '', failures: 0 },
};
const watchers = new Set<() => void>();
const listeners = new Set<(event: ServerEvent) => void>();

/** Starts the one line of this page; a second call does nothing. */
export function startLive(): void {
  if (line.stop !== null) return;
  line.stop = new AbortController();
  void follow(line.stop.signal);
}

/** Ends the line, as after a log-out; the next one resumes behind the last event. */
export function stopLive(): void {
  line.stop?.abort();
  line.stop = null;
  become('connecting');
}

/** The state of the line; the frame shows when it is lost. */
export function useLine(): LineState {
  return useSyncExternalStore(watchLine, () => line.state);
}

/** Calls `heard` for each live event, for a page that follows them itself; returns what ends it. */
export function onLiveEvent(heard: (event: ServerEvent) => void): () => void {
  listeners.add(heard);
  return () => listeners.delete(heard);
}

function watchLine(changed: () => void): () => void {
  watchers.add(changed);
  return () => watchers.delete(changed);
}

function become(state: LineState): void {
  if (line.state === state) return;
  line.state = state;
  for (const changed of watchers) changed();
}

async function follow(signal: AbortSignal): Promise<void> {
  const opened = (): void => {
    // What happened while the line was lost is asked for; it is not sent again when it is too much.
    if (line.failures > 0) refresh('reset');
    line.failures = 0;
    become('live');
  };
  for (;;) {
    await connect(signal, opened).catch(() => undefined);
    if (signal.aborted) return;
    become('lost');
    await pause(AGAIN_MS[Math.min(line.failures, AGAIN_MS.length - 1)] ?? 0);
    line.failures += 1;
  }
}

/** One connection, until it ends or falls silent. */
async function connect(signal: AbortSignal, opened: () => void): Promise<void> {
  const silent = new AbortController();
  // The server sends something each second.
  const silence = new Silence(() => silent.abort());
  try {
    const { lastId } = line;
    const answer = await fetch('/api/events/live', {
      headers: {
        Accept: 'text/event-stream',
        ...sessionHeaders(),
        ...(lastId === '' ? {} : { 'Last-Event-ID': lastId }),
      },
      signal: AbortSignal.any([signal, silent.signal]),
      credentials: 'same-origin',
      cache: 'no-store',
    });
    if (!answer.ok || answer.body === null) return;
    opened();
    for await (const event of eventsOf(answer.body, () => silence.heard())) report(event);
  } finally {
    silence.end();
  }
}

function report(event: ServerEvent): void {
  if (event.id !== '') line.lastId = event.id;
  for (const heard of listeners) heard(event);
  refresh(event.type);
}

const due = new Set<string>();
let secondLook: ReturnType<typeof setTimeout> | undefined;

/** Asks at once for what the event concerns; a last look comes for what is made of the journal a little later. */
function refresh(type: string): void {
  askFor([type]);
  due.add(type);
  clearTimeout(secondLook);
  secondLook = setTimeout(() => {
    askFor([...due]);
    due.clear();
  }, SECOND_LOOK_MS);
}

function askFor(types: readonly string[]): void {
  askAgain({ predicate: ({ meta }) => types.some((type) => concerns(meta?.['live'], type)) });
}

function concerns(live: unknown, type: string): boolean {
  const on = live as LiveOn | undefined;
  if (on === undefined || on.length === 0) return false;
  return on === 'every event' || type === 'reset' || on.includes(type);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
