import { SystemClock } from '../../../src/adapters/clock/system-clock.js';
import { openHome } from '../../../src/adapters/home/home.js';
import { SqliteJournal } from '../../../src/adapters/journal-sqlite/sqlite-journal.js';
import { EventAppender } from '../../../src/app/journal/event-appender.js';
import { parseSymbol } from '../../../src/events/names.js';
import { STREAMS } from '../../../src/events/streams.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { sha256Hex } from '../../../src/kernel/hash.js';
import { epochMs, parseDateText, toUtcText } from '../../../src/kernel/time.js';

/** Appends an event as the engine does. */
async function asEngine(home: string, act: (appender: EventAppender) => Promise<unknown>): Promise<void> {
  const { paths, identity } = openHome({ dir: home, create: false, version: '0' });
  const clock = new SystemClock();
  const journal = SqliteJournal.open({ path: paths.storage.journalDb, clock });
  try {
    await act(new EventAppender({ journal, clock, identity, actor: 'system:engine' }));
  } finally {
    await journal.close();
  }
}

/** The kill switch trips in a bot that runs. */
export const tripKillSwitch = (home: string): Promise<void> =>
  asEngine(home, (appender) =>
    appender.append(STREAMS.risk, [
      {
        ...{ type: 'KillSwitchTripped', data: { code: 'DAILY_LOSS_LIMIT', figures: {} } },
        ...{ correlationId: 'risk', causationId: null },
      },
    ]),
  );

const FIVE = Decimal.of(5).shortText();

/** The difference BM-1: the broker has 5 shares of AIG at 20.50 that the books do not have, found at `at` (UTC). */
export const findMismatch = (home: string, at: string): Promise<void> =>
  asEngine(home, (appender) =>
    appender.append(STREAMS.accounting, [
      {
        type: 'BooksMismatchFound',
        data: {
          ...{ mismatchId: 'BM-1', subject: 'position', kind: 'unknown_position', symbol: parseSymbol('AIG') },
          ...{ brokerSymbol: null, books: Decimal.ZERO.shortText(), broker: FIVE, delta: FIVE, replaces: null },
          brokerPrice: Decimal.parse('20.50').shortText(2),
          ...{ occasion: 'schedule', firstSeenAt: toUtcText(epochMs(Date.parse(at))) },
        },
        ...{ correlationId: 'reconciliation', causationId: null },
      },
    ]),
  );

/** The market data of a session, and what was wrong with it: how often each rule found something. */
export const recordMarketData = (
  home: string,
  day: string,
  findings: Readonly<Record<string, string>>,
): Promise<void> =>
  asEngine(home, (appender) => {
    const date = parseDateText(day);
    const recorded = { date, name: `${day}.csv.gz`, bars: 60, quotes: 60, sha256: sha256Hex(day), findings };
    return appender.append(STREAMS.session(date), [
      { type: 'MarketDataRecorded', data: recorded, correlationId: `session-${day}`, causationId: null },
    ]);
  });
