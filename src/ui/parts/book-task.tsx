import { Button } from '@mantine/core';
import { useEffect, useState, type ReactElement } from 'react';
import { api } from '../api/client.js';
import { queries, useApi, useChange } from '../api/query.js';
import { useMay } from '../app/session.js';
import { useAsOf } from '../lib/url.js';
import { parts } from './messages.js';
import { Notice, ProblemNotice, State } from './state.js';

const POLL_MS = 1_000;

const TASKS = {
  verify: { needs: 'verify', begin: () => api.POST('/api/books/verify') },
  check: { needs: 'verify', begin: (name: string) => api.POST('/api/books/check', { body: { name } }) },
  rebuild: { needs: 'maintenance', begin: (name: string) => api.POST('/api/books/rebuild', { body: { name } }) },
  seal: { needs: 'maintenance', begin: () => api.POST('/api/books/seal') },
  backup: { needs: 'maintenance', begin: () => api.POST('/api/backups') },
} as const;

/** A button that starts work on the books, for who may, and shows how it goes and how it ended; nothing in the past. */
export function BookTask({
  kind,
  name = 'all',
  refresh = [],
}: {
  readonly kind: keyof typeof TASKS;
  /** Whose files are checked or rebuilt: a projection, or all. */
  readonly name?: string;
  /** What the work changes. */
  readonly refresh?: readonly (readonly unknown[])[];
}): ReactElement | null {
  const { needs, begin } = TASKS[kind];
  const may = useMay(needs);
  const past = useAsOf() !== null;
  const [taskId, setTaskId] = useState<string | null>(null);
  const start = useChange(() => begin(name));
  if (!may || past) return null;
  if (taskId !== null) return <Progress taskId={taskId} refresh={refresh} again={() => setTaskId(null)} />;
  return (
    <div>
      <Button
        size="compact-sm"
        variant="default"
        title={parts.tasks[kind].why}
        loading={start.isPending}
        onClick={() => start.mutate(undefined, { onSuccess: (task) => setTaskId(task.taskId) })}
      >
        {parts.tasks[kind].button}
      </Button>
      {start.error === null ? null : <ProblemNotice problem={start.error} />}
    </div>
  );
}

function Progress({
  taskId,
  refresh,
  again,
}: {
  readonly taskId: string;
  readonly refresh: readonly (readonly unknown[])[];
  readonly again: () => void;
}): ReactElement {
  const [ended, setEnded] = useState(false);
  const task = useApi(
    ['book-task', taskId],
    (signal) => api.GET('/api/books/tasks/{id}', { signal, params: { path: { id: taskId } } }),
    ended ? {} : { pollMs: POLL_MS },
  );
  const found = task.data?.summary ?? null;
  useEffect(() => {
    if (found === null) return;
    setEnded(true);
    for (const queryKey of refresh) void queries.invalidateQueries({ queryKey: [...queryKey] });
  }, [found, refresh]);
  return (
    <State of={task} lines={2}>
      {({ state, progress, summary, findings }) =>
        summary === null ? (
          <p role="status">
            {parts.taskRuns} <span className="dim num">{progress ?? state}</span>
          </p>
        ) : (
          <Notice
            icon={state === 'done' ? 'check' : 'alert'}
            tone={state === 'done' ? 'calm' : 'bad'}
            title={summary}
            action={
              <Button size="compact-xs" variant="default" onClick={again}>
                {parts.taskAgain}
              </Button>
            }
          >
            {findings.map((finding) => (
              <p key={finding}>{finding}</p>
            ))}
          </Notice>
        )
      }
    </State>
  );
}
