import { createContext, useContext } from 'react';
import { api } from '../api/client.js';
import { useApi } from '../api/query.js';
import type { components } from '../generated/api.js';

/** The user who is logged in. */
export type Session = components['schemas']['AccountAnswer'];

const NOBODY: Session | null = null;

/** Given by the root to every page. */
export const SessionContext = createContext<Session | null>(NOBODY);

/** The user who is logged in; pages exist only for one. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error('no user is logged in');
  return session;
}

/** Whether the user may do what needs this permission. */
export function useMay(permission: string): boolean {
  return useSession().user.permissions.includes(permission);
}

/** State of the bot and part of its life, known before a log-in. */
export function useStage() {
  return useApi(['state'], (signal) => api.GET('/api/state', { signal }), { live: ['BotStateChanged'], pollMs: 5_000 });
}

/** The session of this browser; a refusal with 401 or 403 means that there is none. */
export function useWho(enabled: boolean) {
  return useApi(['session'], (signal) => api.GET('/api/auth/session', { signal }), { enabled });
}
