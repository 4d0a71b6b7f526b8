import { Button, Progress as Bar } from '@mantine/core';
import type { ReactElement } from 'react';
import { Problem } from '../../api/problem.js';
import { ProblemNotice } from '../../parts/state.js';
import type { SetupStatus } from './form.js';
import { setup } from './messages.js';

/** How far the set-up is, and why it stopped. */
export function Progress({
  status,
  again,
}: {
  readonly status: SetupStatus;
  readonly again: () => void;
}): ReactElement {
  const { progress, running, error } = status;
  const stopped = !running && error !== null;
  const step = (progress.step || setup.begins).replaceAll('_', ' ');
  return (
    <div className="card login">
      <h1>{stopped ? setup.stopped : setup.running}</h1>
      <Bar value={progress.percent} aria-label={setup.progress} />
      <p role="status">{`${progress.percent}%, ${step}`}</p>
      {!stopped && !running ? <p className="dim">{setup.waiting}</p> : null}
      {stopped ? (
        <>
          <ProblemNotice
            problem={new Problem(500, { detail: error.message, remedy: error.remedy, code: error.code })}
          />
          <Button onClick={again}>{setup.again}</Button>
        </>
      ) : null}
    </div>
  );
}
