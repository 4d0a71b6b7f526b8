import type { TestResult } from '../../app/test-mode/test-run.js';
import type { Journal } from '../../ports/journal.js';
import { result } from './dry-run.js';

const NEEDED = ['main', 'engine', 'projector', 'web'] as const;
const LAST_EVENTS = 500;

/** main_bot (RUN-36): by the journal every process of the bot runs. */
export async function processesAlive(journal: Pick<Journal, 'readAll'>): Promise<TestResult> {
  const events = await journal.readAll({
    direction: 'backwards',
    limit: LAST_EVENTS,
    filter: { types: ['ProcessStarted', 'ProcessStopped', 'ProcessCrashed'] },
  });
  const stands = new Map<string, string>();
  for (const event of events) {
    if (!('process' in event.data)) continue;
    const name = event.data.process;
    if (!stands.has(name)) stands.set(name, event.type);
  }
  const missing = NEEDED.filter((name) => stands.get(name) !== 'ProcessStarted');
  const ok = missing.length === 0;
  const detail = ok ? `${NEEDED.join(', ')} run` : `not running by the journal: ${missing.join(', ')}`;
  return result('main_bot', ok, detail);
}
