import { Button } from '@mantine/core';
import { useEffect, useState, type ReactElement } from 'react';
import { api } from '../api/client.js';
import { asProblem } from '../api/problem.js';
import { useApi, useChange } from '../api/query.js';
import { useMay } from '../app/session.js';
import { useAsOf } from '../lib/url.js';
import { parts } from './messages.js';
import { Notice, ProblemNotice, State } from './state.js';

const POLL_MS = 1_000;

/** Verifies the whole journal, for who may, and shows how it goes and what was found. */
export function VerifyJournal(): ReactElement | null {
  const may = useMay('verify');
  const past = useAsOf() !== null;
  const [taskId, setTaskId] = useState<string | null>(null);
  const begin = useChange(() => api.POST('/api/books/verify'));
  if (!may || past) return null;
  return (
    <div>
      {taskId === null ? (
        <Button
          size="compact-sm"
          variant="default"
          title={parts.verifyWhy}
          loading={begin.isPending}
          onClick={() => begin.mutate(undefined, { onSuccess: (task) => setTaskId(task.taskId) })}
        >
          {parts.verify}
        </Button>
      ) : (
        <Verification taskId={taskId} again={() => setTaskId(null)} />
      )}
      {begin.error === null ? null : <ProblemNotice problem={asProblem(begin.error)} />}
    </div>
  );
}

function Verification({ taskId, again }: { readonly taskId: string; readonly again: () => void }): ReactElement {
  const [ended, setEnded] = useState(false);
  const task = useApi(
    ['book-task', taskId],
    (signal) => api.GET('/api/books/tasks/{id}', { signal, params: { path: { id: taskId } } }),
    ended ? {} : { pollMs: POLL_MS },
  );
  const found = task.data?.summary ?? null;
  useEffect(() => setEnded(found !== null), [found]);
  return (
    <State of={task} lines={2}>
      {({ state, progress, summary, findings }) =>
        summary === null ? (
          <p role="status">
            {parts.verifying} <span className="dim num">{progress ?? state}</span>
          </p>
        ) : (
          <Notice
            icon={state === 'done' ? 'check' : 'alert'}
            tone={state === 'done' ? 'calm' : 'bad'}
            title={summary}
            action={
              <Button size="compact-xs" variant="default" onClick={again}>
                {parts.verifyAgain}
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
