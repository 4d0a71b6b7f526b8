import type { ReactElement } from 'react';
import { useBriefing } from '../api/status.js';
import { capital } from '../lib/format.js';
import { useAsOf } from '../lib/url.js';
import { parts } from './messages.js';

/** When what an empty page waits for may come: the session that is open, or the next one. Nothing in the past. */
export function NextSession(): ReactElement | null {
  const past = useAsOf() !== null;
  const { data } = useBriefing();
  const next = data?.nextSession as { readonly text: string } | undefined;
  if (past || next === undefined) return null;
  return <p>{sessionText(next.text)}</p>;
}

/** A sentence of the text of the bot: "Next session: Monday ...", "Open now until 16:00 ...". */
export function sessionText(text: string): string {
  return text.startsWith('open now') ? `${capital(text)}.` : parts.nextSession(text);
}
