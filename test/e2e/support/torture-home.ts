import { VirtualClock } from '../../../src/adapters/clock/virtual-clock.js';
import { SqliteJournal } from '../../../src/adapters/journal-sqlite/sqlite-journal.js';
import { FileProjectionTargets } from '../../../src/adapters/projection-targets/file-targets.js';
import { Projector } from '../../../src/app/projector/projector.js';
import type { NewEvent } from '../../../src/events/event.js';
import { streamName } from '../../../src/events/event.js';
import { BOT, START } from '../../contract/support/journal-events.js';
import { commandEventId } from '../../../src/kernel/hash.js';
import { toUtcText } from '../../../src/kernel/time.js';
import { sampleLogOnly, sampleProjection } from '../../unit/support/sample-projection.js';

const PHASES = ['open', 'mid', 'close'] as const;
export const BATCHES = 12;
const PER_BATCH = 5;

function batchOf(n: number): readonly NewEvent[] {
  return Array.from({ length: PER_BATCH }, (_, index) => ({
    id: commandEventId(START, 'torture', String(n), String(index)),
    type: 'PhaseStarted',
    schemaVersion: 1,
    occurredAt: toUtcText(START),
    data: { phase: PHASES[(n + index) % 3] ?? 'open' },
    meta: { correlationId: 'torture', causationId: null, actor: 'system:test', botIdentity: BOT, sessionDate: null },
  }));
}

export interface TortureHomeOptions {
  readonly home: string;
  /** Called at every write boundary of journal, projections, publishing and rebuild. */
  readonly onStep: (step: string) => void;
  /** Called for each event once the journal has answered. */
  readonly onAcknowledged: (ids: readonly string[]) => void;
}

export const journalPath = (home: string): string => `${home}/storage/journal/journal.db`;

/**
 * The writes of a bot's processes in small: append, project, publish, rebuild, check. Run again after a crash, it
 * repeats all of them; existing events are acknowledged again.
 */
export async function workOn({ home, onStep, onAcknowledged }: TortureHomeOptions): Promise<void> {
  const journal = SqliteJournal.open({ path: journalPath(home), clock: new VirtualClock(START), onStep });
  const targets = new FileProjectionTargets({ home, projectionsDb: `${home}/storage/projections.db`, onStep });
  const projections = [sampleProjection(`${home}/output`), sampleLogOnly(`${home}/output`)];
  const projector = new Projector({ journal, projections, targets, pageSize: 7 });
  for (let n = 0; n < BATCHES; n += 1) {
    const { events } = await journal.append(streamName('torture', '1'), batchOf(n), { expectedRevision: 'any' });
    onAcknowledged(events.map((event) => event.id));
    if (n % 3 === 2) await projector.catchUp();
    if (n % 6 === 5) await projector.publish();
  }
  await projector.rebuild('all');
  const { ok } = await projector.check('all');
  if (!ok) throw new Error('the projections are not what the journal gives');
  await projector.close();
  await journal.close();
}
