import { isAttended } from '../lib/attended.js';
import { kept, keep } from '../lib/storage.js';

/** By origin, so that no server on another port of this machine reads it; every tab of this one does. */
const SESSION_KEY = 'tradebot.session';

/** What makes a request one of the session, and whether somebody is at the page; nothing before the log-in. */
export function sessionHeaders(): Readonly<Record<string, string>> {
  const token = kept(SESSION_KEY);
  if (token === null) return {};
  return { 'X-CSRF-Token': token, ...(isAttended() ? {} : { 'X-Unattended': '1' }) };
}

/** Whether this browser believes to be logged in: false after a log-out in any of its tabs. */
export function hasToken(): boolean {
  return kept(SESSION_KEY) !== null;
}

/** Keeps the token that the log-in gave; null forgets it. */
export function setToken(token: string | null): void {
  keep(SESSION_KEY, token);
}

/** Calls `changed` when another tab logs in or out; returns what ends it. */
export function onOtherTab(changed: () => void): () => void {
  const listen = ({ key }: StorageEvent): void => {
    if (key === SESSION_KEY) changed();
  };
  addEventListener('storage', listen);
  return () => removeEventListener('storage', listen);
}
