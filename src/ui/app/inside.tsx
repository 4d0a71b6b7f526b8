import { Button } from '@mantine/core';
import { Outlet } from '@tanstack/react-router';
import { useEffect, type ReactElement } from 'react';
import { startLive } from '../api/live.js';
import { useMoment, type Moment } from '../api/moment.js';
import { Frame } from '../frame/frame.js';
import { useSetParams } from '../lib/url.js';
import { PAGES } from '../pages/table.js';
import { Notice } from '../parts/state.js';
import { NO_PAGE, useFullPath } from './full-path.js';
import { LogInAgain } from './log-in-again.js';
import { app } from './messages.js';
import { SessionContext, type Session } from './session.js';

/** What a user sees: the frame, and in it the page of the address when the user may see it. */
export default function Inside({
  session,
  ended,
}: {
  readonly session: Session;
  readonly ended: boolean;
}): ReactElement {
  useEffect(() => {
    if (!ended) startLive();
  }, [ended]);
  const path = useFullPath();
  const page = PAGES.find((one) => one.path === path);
  const { asof, none } = useMoment();
  const allowed = page === undefined || page.needs === null || session.user.permissions.includes(page.needs);
  return (
    <SessionContext value={session}>
      <Frame page={page} title={path === NO_PAGE ? app.notFound : page?.title}>
        {allowed ? (
          none !== null ? (
            <NoSuchMoment of={{ asof, none }} />
          ) : asof !== null && page !== undefined && page.past !== true ? (
            <PresentOnly />
          ) : (
            <Outlet />
          )
        ) : (
          <Forbidden />
        )}
      </Frame>
      {ended ? <LogInAgain /> : null}
    </SessionContext>
  );
}

function Forbidden(): ReactElement {
  return (
    <Notice icon="key" title={app.forbidden}>
      {app.forbiddenWhy}
    </Notice>
  );
}

/** The address names a moment that the journal does not have: no page has anything to show of it. */
function NoSuchMoment({ of: { asof, none } }: { readonly of: Moment }): ReactElement {
  const setParams = useSetParams();
  const title = none === 'not yet' ? app.noMomentYet(asof ?? '') : app.noMoment(asof ?? '');
  const back = (
    <Button size="xs" variant="default" onClick={() => setParams({ asof: '' }, { replace: false })}>
      {app.backToNow}
    </Button>
  );
  return <Notice icon="clock" title={title} action={back} />;
}

function PresentOnly(): ReactElement {
  return (
    <Notice icon="clock" title={app.presentOnly}>
      {app.presentOnlyWhy}
    </Notice>
  );
}
