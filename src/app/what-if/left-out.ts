import type { RecordedEvent } from '../../events/event.js';

/** Events of the recorded session that a replay cannot have, and why; they are no difference. */
export interface LeftOut {
  readonly what: string;
  readonly events: number;
  readonly why: string;
}

const FILE_FAULTS: readonly string[] = ['PROJECTOR_BEHIND', 'MARKET_RECORDING_WAITS'];
const EXPORTS: readonly string[] = ['OfxExported', 'BooksExported'];

const isFileFault = (event: RecordedEvent): boolean =>
  event.type === 'ErrorRecorded' && FILE_FAULTS.includes(event.data.errorCode);
const isBehind = (event: RecordedEvent): boolean =>
  event.type === 'ErrorRecorded' && event.data.errorCode === 'PROJECTOR_BEHIND';

/** True for the events of both sides that are not compared, because files of the home failed in the recorded session. */
export function notCompared(recorded: readonly RecordedEvent[]): (event: RecordedEvent) => boolean {
  const withoutExports = recorded.some(isBehind);
  return (event) => isFileFault(event) || (withoutExports && EXPORTS.includes(event.type));
}

/** What of the recorded session is left out of the comparison. */
export function leftOutOf(recorded: readonly RecordedEvent[]): readonly LeftOut[] {
  const events = recorded.filter(isFileFault).length;
  if (events === 0) return [];
  const why = 'files of the home were late, locked or not writable, and a replay writes no file';
  return [{ what: 'errors of files, and the exports that they prevented', events, why }];
}
