import { Outlet } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useLayoutEffect, type ReactElement } from 'react';
import { stopLive } from '../api/live.js';
import { queries } from '../api/query.js';
import { hasToken, onOtherTab } from '../api/session.js';
import { LoginPage } from '../pages/login/page.js';
import { OPEN_PAGES, STAGE_PAGES } from '../pages/table.js';
import { ProblemNotice } from '../parts/state.js';
import { Alone } from './alone.js';
import { useFullPath } from './full-path.js';
import { sessionIsBack } from './log-in-again.js';
import { useStage, useWho } from './session.js';

/** The frame with all that belongs to it: not needed before the log-in. */
export const loadInside = () => import('./inside.js');

const Inside = lazy(loadInside);
const CompleteAccount = lazy(() => import('./complete-account.js'));
const StagePages = { setup: lazy(STAGE_PAGES.setup), registration: lazy(STAGE_PAGES.registration) };

/** What the state of the bot and the log-in allow: set-up, first account, log-in, then the frame. */
export function Root(): ReactElement | null {
  const stage = useStage();
  const before = stage.data?.stage === 'setup' || stage.data?.stage === 'registration' ? stage.data.stage : null;
  const settingUp = before !== null;
  const who = useWho(stage.data !== undefined && !settingUp);
  const isOpen = useFullPath() in OPEN_PAGES;
  useEffect(() => onOtherTab(() => void queries.invalidateQueries({ queryKey: ['session'] })), []);
  const status = who.error?.status;
  const loggedOut = status === 401 || status === 403;
  useEffect(() => {
    if (!loggedOut) return;
    stopLive();
    // The name and the password take longer to type than this to load.
    void loadInside().catch(() => undefined);
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
      <Suspense fallback={<Waiting as="alone" />}>
        <Page />
      </Suspense>
    );
  }
  if (isOpen) return <Outlet />;
  // A session that ended by itself comes back in place; after a log-out nothing of the page remains.
  if (loggedOut && (who.data === undefined || !hasToken())) return <LoginPage />;
  if (who.data === undefined) return null;
  const { userId, mustEnrolSecondFactor, mustChangePassword } = who.data.user;
  const complete = !mustEnrolSecondFactor && !mustChangePassword;
  return (
    <Suspense fallback={<Waiting as={complete ? 'frame' : 'alone'} />}>
      {complete ? <Inside key={userId} session={who.data} ended={loggedOut} /> : <CompleteAccount session={who.data} />}
    </Suspense>
  );
}

/** Nothing: index.html shows its lines, of the frame or of a card, as long as the app shows nothing. */
function Waiting({ as }: { readonly as: 'frame' | 'alone' }): null {
  useLayoutEffect(() => {
    document.documentElement.dataset['early'] = as;
  }, [as]);
  return null;
}
