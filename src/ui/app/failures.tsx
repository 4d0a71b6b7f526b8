import { Anchor, Button } from '@mantine/core';
import type { ErrorComponentProps } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { asProblem } from '../api/problem.js';
import { BASE } from '../lib/base.js';
import { Notice, ProblemNotice } from '../parts/state.js';
import { app } from './messages.js';

/** No page has this address. */
export function NoSuchPage(): ReactElement {
  return (
    <Notice icon="search" title={app.noSuchPage}>
      <Anchor href={`${BASE}/`}>{app.toOverview}</Anchor>
    </Notice>
  );
}

/** A page that fails takes nothing else with it. A part that a newer build replaced is loaded again with the page. */
export function PageFailed({ error }: ErrorComponentProps): ReactElement {
  const problem = asProblem(error);
  if (/dynamically imported module|module script failed|preload CSS/i.test(problem.message)) {
    return (
      <Notice
        icon="refresh"
        title={app.newVersion}
        action={<Button onClick={() => location.reload()}>{app.reload}</Button>}
      >
        {app.newVersionWhy}
      </Notice>
    );
  }
  return <ProblemNotice problem={problem} again={() => location.reload()} />;
}
