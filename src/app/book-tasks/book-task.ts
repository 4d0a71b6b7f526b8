import type { EventData } from '../../events/event.js';
import type { ExportFormat } from '../../domain/home/home-paths.js';
import { withoutCredentials } from '../../kernel/credentials.js';
import type { CheckFacts, ExportFacts, RebuildFacts, SealFacts } from './task-facts.js';
import type { WantedExport } from '../exports/wanted-export.js';

/** Work on the books of a running bot (JRN-22, JRN-30, JRN-35, ACC-70). */
export type BookTask =
  | { readonly kind: 'export'; readonly format: ExportFormat; readonly wanted: WantedExport }
  | { readonly kind: 'seal' | 'verify' | 'backup' }
  /** A projection, or all. */
  | { readonly kind: 'rebuild' | 'check'; readonly name: string };

/** Work that needs no file of the projector: a worker does it. */
export type WorkerBookTask = Exclude<BookTask, ProjectorBookTask>;

type ProjectorBookTask = Extract<BookTask, { readonly kind: 'rebuild' | 'check' }>;

/** Whether only the projector can do it: its files are rebuilt, or compared. */
export function needsProjector(task: BookTask): task is ProjectorBookTask {
  return task.kind === 'rebuild' || task.kind === 'check';
}

export type BookTaskKind = BookTask['kind'];

/** What a task came to. */
export interface BookTaskResult {
  /** False when something differs or is damaged. */
  readonly ok: boolean;
  /** One sentence. */
  readonly summary: string;
  /** A sentence for each thing that was found. */
  readonly findings: readonly string[];
  /** The file that was made, as a path within the home. */
  readonly file: string | null;
  /** The chain of the journal is broken: nothing may be traded on it any more. */
  readonly journalDamaged?: true;
  /** What a command shows of it, which is not journaled. */
  readonly facts?: ExportFacts | SealFacts | RebuildFacts | CheckFacts;
}

/** With what the task is done, in words; empty when its kind says everything. */
export function subjectOf(task: BookTask): string {
  if (needsProjector(task)) return task.name;
  if (task.kind !== 'export') return '';
  const { format, wanted } = task;
  if (wanted.kind === 'range') return `${format}, ${wanted.from} to ${wanted.to}`;
  return wanted.kind === 'session' ? `${format}, session of ${wanted.date}` : `${format}, last session`;
}

/** A journal keeps the first of many findings. */
const MOST_FINDINGS = 50;
const LONGEST = 500;

/** The end of a task as it is journaled; `home` is taken out of paths, so that a home can be moved. */
export function endedData(
  { taskId, kind, home }: { readonly taskId: string; readonly kind: BookTaskKind; readonly home: string },
  end: Pick<EventData<'BookTaskEnded'>, 'outcome' | 'code'> & Pick<BookTaskResult, 'summary' | 'findings' | 'file'>,
): EventData<'BookTaskEnded'> {
  const plain = (text: string): string => withoutCredentials(text.replaceAll(`${home}/`, ''), LONGEST);
  const { outcome, code, summary, findings, file } = end;
  const left = findings.length - MOST_FINDINGS;
  const more = left > 0 ? [`and ${left} more`] : [];
  const first = [...findings.slice(0, MOST_FINDINGS).map(plain), ...more];
  return { taskId, kind, outcome, code, summary: plain(summary), findings: first, file };
}
