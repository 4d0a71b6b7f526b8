import '../styles/index.css';
import { createRoot } from 'react-dom/client';
import { hasToken } from '../api/session.js';
import { watchForPeople } from '../lib/attended.js';
import { App } from './app.js';
import { loadInside } from './root.js';

/** Puts the app in its place. The part behind the log-in is loaded meanwhile for who has a session. */
export function start(): void {
  watchForPeople(document);
  if (hasToken()) void loadInside().catch(() => undefined);
  const root = document.getElementById('app');
  if (root !== null) createRoot(root).render(<App />);
}
