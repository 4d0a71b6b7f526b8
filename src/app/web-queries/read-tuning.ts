import { TUNING_TYPES, TuningFold, type TuningRow } from '../../domain/tuning/tuning-fold.js';
import type { Journal } from '../../ports/journal.js';

const PAGE = 1_000;

/** What each value of each setting of each strategy made, from the whole journal (TRD-37). */
export async function readTuning(journal: Pick<Journal, 'readAll'>): Promise<readonly TuningRow[]> {
  const fold = new TuningFold();
  let events = await journal.readAll({ limit: PAGE, filter: { types: TUNING_TYPES } });
  while (events.length > 0) {
    for (const event of events) fold.take(event);
    const after = events.at(-1)?.position;
    if (after === undefined || events.length < PAGE) break;
    events = await journal.readAll({ limit: PAGE, filter: { types: TUNING_TYPES }, after });
  }
  return fold.rows();
}
