import { Outlet, useMatches } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, type ReactElement } from 'react';
import { startLive, stopLive } from '../api/live.js';
import { queries } from '../api/query.js';
import { hasToken, onOtherTab } from '../api/session.js';
import { Frame } from '../frame/frame.js';
import { ProofDialog } from '../frame/proof.js';
import { useAsOf } from '../lib/url.js';
import { LoginPage } from '../pages/login/page.js';
import { OPEN_PAGES, PAGES, STAGE_PAGES, type PageEntry } from '../pages/table.js';
import { Loading, Notice, ProblemNotice } from '../parts/state.js';
import { LogInAgain, sessionIsBack } from './log-in-again.js';
import { app } from './messages.js';
import { SessionContext, useStage, useWho, type Session } from './session.js';

const StagePages = { setup: lazy(STAGE_PAGES.setup), registration: lazy(STAGE_PAGES.registration) };

/** What the state of the bot and the log-in allow: set-up, first account, log-in, then the frame. */
export function Root(): ReactElement {
  const stage = useStage();
  const before = stage.data?.stage === 'setup' || stage.data?.stage === 'registration' ? stage.data.stage : null;
  const settingUp = before !== null;
  const who = useWho(stage.data !== undefined && !settingUp);
  const isOpen = useFullPath() in OPEN_PAGES;
  useEffect(() => onOtherTab(() => void queries.invalidateQueries({ queryKey: ['session'] })), []);
  const status = who.error?.status;
  const loggedOut = status === 401 || status === 403;
  useEffect(() => {
    if (loggedOut) stopLive();
  }, [loggedOut]);
  useEffect(() => {
    if (who.isSuccess) sessionIsBack();
  }, [who.isSuccess, who.dataUpdatedAt]);
  const error = stage.data === undefined ? stage.error : loggedOut || who.data !== undefined ? null : who.error;
  if (error !== null)
    return (
      <Alone>
        <ProblemNotice problem={error} again={() => void queries.invalidateQueries()} />
      </Alone>
    );
  if (before !== null) {
    const Page = StagePages[before];
    return (
      <Suspense fallback={<Waiting />}>
        <Page />
      </Suspense>
    );
  }
  if (isOpen) return <Outlet />;
  // A session that ended by itself comes back in place; after a log-out nothing of the page remains.
  if (loggedOut && (who.data === undefined || !hasToken())) return <LoginPage />;
  if (who.data === undefined) return <Waiting />;
  const { mustEnrolSecondFactor, mustChangePassword } = who.data.user;
  if (mustEnrolSecondFactor || mustChangePassword) return <CompleteAccount session={who.data} />;
  return <Inside key={who.data.user.userId} session={who.data} ended={loggedOut} />;
}

function Waiting(): ReactElement {
  return (
    <Alone>
      <Loading />
    </Alone>
  );
}

function Alone({ children }: { readonly children: React.ReactNode }): ReactElement {
  return <main className="alone">{children}</main>;
}

const AccountPage = lazy(() => import('../pages/account/page.js'));

/** An account that must be completed first may read nothing yet. */
function CompleteAccount({ session }: { readonly session: Session }): ReactElement {
  return (
    <SessionContext value={session}>
      <Alone>
        <Suspense fallback={<Loading />}>
          <AccountPage />
        </Suspense>
        <ProofDialog />
      </Alone>
    </SessionContext>
  );
}

function Inside({ session, ended }: { readonly session: Session; readonly ended: boolean }): ReactElement {
  useEffect(() => {
    if (!ended) startLive();
  }, [ended]);
  const page = usePage();
  const asof = useAsOf();
  const allowed = page === undefined || page.needs === null || session.user.permissions.includes(page.needs);
  return (
    <SessionContext value={session}>
      <Frame page={page}>
        {allowed ? (
          asof !== null && page !== undefined && page.past !== true ? (
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

/** The address of the table of pages that matches; '' while none does. */
function useFullPath(): string {
  const matches: readonly { readonly fullPath: string }[] = useMatches();
  return matches.at(-1)?.fullPath ?? '';
}

/** The entry of the page that is open. */
function usePage(): PageEntry | undefined {
  const path = useFullPath();
  return PAGES.find((page) => page.path === path);
}

function Forbidden(): ReactElement {
  return (
    <Notice icon="key" title={app.forbidden}>
      {app.forbiddenWhy}
    </Notice>
  );
}

function PresentOnly(): ReactElement {
  return (
    <Notice icon="clock" title={app.presentOnly}>
      {app.presentOnlyWhy}
    </Notice>
  );
}
