import { useCallback, useEffect, useState } from 'react';
import { asProblem, type Problem } from '../../api/problem.js';
import { faultsOf } from '../../parts/faults.js';
import { settings as texts } from './messages.js';
import { changesOf, type Settings } from './model.js';
import type { Preview } from './review.js';
import { putSettings, type Asked } from './save.js';

/** Texts by key of a setting. */
export type Texts = Readonly<Record<string, string>>;

const NO_TEXTS: Texts = {};

/** What was typed on the page and not saved yet, and what the server says to it. */
export interface Draft {
  readonly edits: Texts;
  readonly faults: Texts;
  /** What was stored when a field was first edited. */
  readonly bases: Texts;
  /** The edits that differ from what is stored. */
  readonly changes: Texts;
  readonly problem: Problem | null;
  readonly preview: Preview | null;
  readonly busy: boolean;
  /** What the last save did; empty after the next edit. */
  readonly done: string;
  /** Undefined puts the stored value back. */
  readonly change: (key: string, text: string | undefined, stored: string) => void;
  /** Asks the server what a save would do. */
  readonly look: (asked: Asked, title: string) => void;
  readonly saved: () => void;
  readonly discard: () => void;
  readonly close: () => void;
}

/** The draft of a page of settings; it stays while the settings are read again. */
export function useDraft(of: Settings): Draft {
  const [edits, setEdits] = useState<Texts>(NO_TEXTS);
  const [faults, setFaults] = useState<Texts>(NO_TEXTS);
  const [bases, setBases] = useState<Texts>(NO_TEXTS);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [preview, setPreview] = useState<Preview | null>(null);
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState('');
  const changes = changesOf(of.groups, edits);
  useLeaveGuard(Object.keys(changes).length > 0);
  const change = useCallback((key: string, text: string | undefined, stored: string): void => {
    setDone('');
    setFaults((before) => without(before, key));
    setEdits((before) => (text === undefined ? without(before, key) : { ...before, [key]: text }));
    setBases((before) => (text === undefined ? without(before, key) : { [key]: stored, ...before }));
  }, []);
  const forget = (): void => {
    setEdits(NO_TEXTS);
    setBases(NO_TEXTS);
  };
  const look = async (asked: Asked, title: string): Promise<void> => {
    if (busy) return;
    setBusy(true);
    setProblem(null);
    setDone('');
    try {
      const { etag } = of;
      const found = await putSettings({ ...asked, reason: texts.noReason }, { etag, dryRun: true });
      if (found.changes.length === 0) setDone(texts.nothing);
      else setPreview({ asked, etag, title, changes: found.changes, endsTrading: found.endsTrading });
    } catch (error) {
      const refused = asProblem(error);
      setFaults(faultsOf(refused, () => true).atFields);
      setProblem(refused);
    } finally {
      setBusy(false);
    }
  };
  const saved = (): void => {
    setDone(texts.saved(preview?.changes.length ?? 0));
    if (preview?.asked.changes !== undefined) forget();
    setPreview(null);
  };
  return {
    ...{ edits, faults, bases, changes, problem, preview, busy, done, change, saved },
    look: (asked, title) => void look(asked, title),
    discard: () => {
      forget();
      setFaults(NO_TEXTS);
      setProblem(null);
    },
    close: () => setPreview(null),
  };
}

/** What was typed is not lost by a slip. */
function useLeaveGuard(dirty: boolean): void {
  useEffect(() => {
    if (!dirty) return undefined;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  }, [dirty]);
}

function without(texts: Texts, key: string): Texts {
  return Object.fromEntries(Object.entries(texts).filter(([name]) => name !== key));
}
