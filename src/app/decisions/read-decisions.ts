import { STREAMS } from '../../events/streams.js';
import type { Position, RecordedEvent } from '../../events/event.js';
import type { StrategyName } from '../../events/names.js';
import { configError, type TradeBotError } from '../../kernel/errors.js';
import type { DateText } from '../../kernel/time.js';
import type { Journal } from '../../ports/journal.js';
import type { SessionDecisions } from './decision.js';
import { DecisionFold } from './decision-fold.js';
import { DECISION_TYPES } from './decision-steps.js';

type Reader = Pick<Journal, 'readAll' | 'readStream'>;

const PAGE = 1_000;
const SESSIONS_NAMED = 5;

/**
 * The decision record of a session (P4), from its opening to its close, the next session or the end of the journal. `strategies` have a row even
 * when the journal says nothing about them. `until`: as the record was at that position. Throws ConfigError `NO_SESSION`.
 */
export async function readDecisions(
  journal: Reader,
  date: DateText,
  strategies: readonly StrategyName[],
  until?: Position,
): Promise<SessionDecisions> {
  const [first] = await journal.readStream(STREAMS.session(date), { limit: 1 });
  const isLater = ({ position }: RecordedEvent): boolean => until !== undefined && position > until;
  if (first === undefined || isLater(first)) throw await noSession(journal, date, until);
  const fold = new DecisionFold(date, strategies);
  let after = await before(journal, first.position);
  for (;;) {
    const events = await journal.readAll({
      limit: PAGE,
      filter: { types: DECISION_TYPES },
      ...(after === undefined ? {} : { after }),
    });
    for (const event of events) {
      if (isLater(event) || (event.type === 'SessionOpened' && event.data.date !== date)) return fold.result();
      fold.take(event);
      if (event.type === 'SessionClosed' && event.data.date === date) return fold.result();
    }
    after = events.at(-1)?.position;
    if (events.length < PAGE) return fold.result();
  }
}

/** The position before an event: reading is exclusive. */
async function before(journal: Reader, position: Position): Promise<Position | undefined> {
  const [previous] = await journal.readAll({ direction: 'backwards', after: position, limit: 1 });
  return previous?.position;
}

async function noSession(journal: Reader, date: DateText, until: Position | undefined): Promise<TradeBotError> {
  const filter = { types: ['SessionOpened'] as const };
  const known = await journal.readAll({ direction: 'backwards', limit: SESSIONS_NAMED, filter });
  const dates = known.flatMap((event) =>
    event.type === 'SessionOpened' && (until === undefined || event.position <= until) ? [event.data.date] : [],
  );
  return configError({
    code: 'NO_SESSION',
    message: `there is no session of ${date} in the journal${until === undefined ? '' : ' at this position'}`,
    remedy: dates.length === 0 ? 'Trade a session first.' : `The last sessions are ${dates.join(', ')}.`,
  });
}
