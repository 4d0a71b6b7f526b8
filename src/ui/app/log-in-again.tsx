import { Portal } from '@mantine/core';
import { useFocusTrap } from '@mantine/hooks';
import type { ReactElement } from 'react';
import { session } from '../api/client.js';
import { Problem } from '../api/problem.js';
import { queries } from '../api/query.js';
import { keepDialogs } from '../lib/keep-dialogs.js';
import { LoginCard } from '../pages/login/page.js';
import { app } from './messages.js';

const WHO = { queryKey: ['session'] } as const;
const waiting = new Set<() => void>();

session.back = async () => {
  const before = userOf();
  await queries.refetchQueries(WHO);
  const state = queries.getQueryState<unknown, Problem>(WHO.queryKey);
  if (state?.status !== 'success') {
    const status = state?.error?.status;
    if (state?.error instanceof Problem && status !== 401 && status !== 403) throw state.error;
    await new Promise<void>((resolve) => waiting.add(resolve));
  }
  if (userOf() !== before) throw new Problem(0, { code: 'OTHER_USER', detail: app.otherUser });
};

/** Lets what waits for the session continue. */
export function sessionIsBack(): void {
  for (const resolve of waiting) resolve();
  waiting.clear();
}

/**
 * Covers the page when its session has ended. The page stays below as it was, with what was typed, and continues after the
 * log-in of the same user; for another one it starts from the beginning.
 */
export function LogInAgain(): ReactElement {
  const trap = useFocusTrap(true);
  const before = userOf();
  const done = async (): Promise<void> => {
    await queries.refetchQueries(WHO);
    if (userOf() === before) await queries.invalidateQueries();
    else await queries.resetQueries();
  };
  return (
    <Portal>
      <div ref={trap} className="cover" role="dialog" aria-modal="true" aria-label={app.ended} onFocus={keepDialogs}>
        <LoginCard why={`${app.ended} ${app.endedWhy}`} done={done} />
      </div>
    </Portal>
  );
}

function userOf(): string | undefined {
  return queries.getQueryData<{ readonly user: { readonly userId: string } }>(WHO.queryKey)?.user.userId;
}
