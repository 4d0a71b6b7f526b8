import type { UseQueryResult } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { Status } from '../generated/status.js';
import { useAsOf } from '../lib/url.js';
import { api, type Answered } from './client.js';
import type { Problem } from './problem.js';
import { useApi } from './query.js';
import { Silence } from './silence.js';

/** The status file at the head, or at the position that the address names; event-schemas/outputs/status.v1.json describes it. */
export function useStatus(): UseQueryResult<Status, Problem> {
  return useStatusAt(useAsOf());
}

/** The status at the head, whatever the address names: for what acts on the present. */
export function usePresentStatus(): UseQueryResult<Status, Problem> {
  return useStatusAt(null);
}

function useStatusAt(asof: string | null): UseQueryResult<Status, Problem> {
  return useApi<Status>(
    ['status', asof],
    (signal) => {
      const query = asof === null ? {} : { asof };
      return api.GET('/api/status', { signal, params: { query } }) as Promise<Answered<Status>>;
    },
    asof === null ? { live: 'every event', pollMs: 5_000 } : {},
  );
}

/** State of the bot, allowed commands, last flags. */
export function useControl() {
  return useApi(['control'], (signal) => api.GET('/api/control', { signal }), { live: 'every event', pollMs: 5_000 });
}

/** The age of market data has no event: asked often enough for Silence. */
const NOW_MS = 1_000;

/** Which bot this is, its time, its next session, why it does not trade, how far a stop or kill is. */
export function useBriefing() {
  return useApi(['now'], (signal) => api.GET('/api/now', { signal }), { live: 'every event', pollMs: NOW_MS });
}

/** Whether what was answered at `answeredAt` (ms; changes with each answer) is too old to be shown as true. */
export function useSilence(answeredAt: number): boolean {
  const [fallen, setFallen] = useState<number | null>(null);
  useEffect(() => {
    const silence = new Silence(() => setFallen(answeredAt));
    return () => silence.end();
  }, [answeredAt]);
  return fallen === answeredAt;
}

/** Conditions of the bot with their remedies. */
export function useConditions() {
  return useApi(['conditions'], (signal) => api.GET('/api/conditions', { signal }), {
    ...{ live: 'every event', pollMs: 5_000 },
  });
}
