import { useEffect, useMemo, useReducer } from 'react';
import { onLiveEvent } from '../../api/live.js';
import { rowOfLive, streamed, type EventFilter, type EventRow } from './streamed.js';

/**
 * Rows of events as they come in, before any answer has them. `ask(at)` is called for what an answer must bring: `'once'` for an event
 * that the line does not show, `'soon'` to have the rows whole.
 */
export function useStreamed(
  filter: EventFilter,
  { following, answered }: { readonly following: boolean; readonly answered: readonly EventRow[] | undefined },
  ask: (when: 'once' | 'soon') => void,
): readonly EventRow[] {
  const { type, stream, streamName, correlation } = filter;
  const [drawn, act] = useReducer(streamed, []);
  useEffect(() => {
    if (!following) return undefined;
    const leave = onLiveEvent((event) => {
      const row = rowOfLive(event, { type, stream, streamName, correlation });
      if (row === null) return;
      if (row !== undefined) act({ came: row });
      ask(row === undefined ? 'once' : 'soon');
    });
    return () => {
      leave();
      act('none');
    };
  }, [following, type, stream, streamName, correlation, ask]);
  useEffect(() => {
    if (answered !== undefined) act({ answered });
  }, [answered]);
  return useMemo(() => drawn.map(({ row }) => row), [drawn]);
}
