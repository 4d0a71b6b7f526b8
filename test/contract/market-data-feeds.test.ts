import { CsvFeed } from '../../src/adapters/feed-replay/csv-feed.js';
import { LeanFeed } from '../../src/adapters/feed-replay/lean-feed.js';
import { SyntheticFeed } from '../../src/adapters/feed-synthetic/synthetic-feed.js';
import { FileMarketRecorder } from '../../src/adapters/market-recorder/market-recorder.js';
import { RecordedFeed } from '../../src/adapters/market-recorder/recorded-feed.js';
import { sessionOf } from '../../src/domain/calendar/nyse.js';
import { invariant } from '../../src/kernel/errors.js';
import type { DateText } from '../../src/kernel/time.js';
import type { ReplayedFeed } from '../../src/ports/market-data.js';
import { date, inFolder, minute, put, putLeanDay, SPY, symbol } from '../unit/market/support.js';
import { feedContract, type FeedUnderTest } from './market-data-feed.contract.js';

const DAY = date('2013-10-07');
/** On this day one symbol of the invented market is halted for some minutes. */
const HALTED_DAY = date('2026-11-16');
const FEW = { seed: 7, symbols: ['ZYNK', 'PDLX'].map(symbol) };

function underTest(feed: ReplayedFeed, day: DateText): FeedUnderTest {
  const hours = sessionOf(day);
  invariant(hours !== undefined, 'TEST_DAY', `${day} is no trading day`);
  const { opensAt, closesAt } = hours;
  const session = feed.openSession(day);
  const begin = (): void => feed.begin(session, opensAt);
  return { feed, date: day, opensAt, closesAt, session, begin, pass: (slice) => feed.play(slice) };
}

feedContract('synthetic', (check) => check(underTest(new SyntheticFeed(FEW), HALTED_DAY)));

feedContract('lean', (check) => {
  inFolder((root) => {
    const trades = '34200000,1000000,1010000,990000,1005000,500\n34320000,1005000,1006000,1004000,1004500,100\n';
    const quotes = '34200000,999000,1009000,989000,1004000,300,1001000,1011000,991000,1006000,400\n';
    putLeanDay(root, { symbol: 'SPY', day: DAY, trades, quotes });
    check(underTest(new LeanFeed({ root, symbols: [SPY], vix: { value: 17 } }), DAY));
  });
});

feedContract('csv', (check) => {
  inFolder((dir) => {
    const rows = [minute(1), minute(0), minute(0), minute(389)].map((start) => `${start},10,11,9,10.5,100\n`);
    put(dir, 'SPY.csv', `timestamp,open,high,low,close,volume\n${rows.join('')}`);
    check(underTest(new CsvFeed({ dir, symbols: [SPY] }), DAY));
  });
});

feedContract('recorded', (check) => {
  inFolder((folder) => {
    const files = {
      marketRecording: (day: DateText) => `${folder}/${day}.csv.gz`,
      marketRecordingPart: (day: DateText) => `${folder}/${day}.part.csv`,
    };
    const { session, opensAt, closesAt } = underTest(new SyntheticFeed(FEW), HALTED_DAY);
    const hours = { date: HALTED_DAY, opensAt, closesAt, halfDay: false };
    const recording = new FileMarketRecorder(files, 'at the close').begin(session, hours);
    for (const slice of session.slices(opensAt, closesAt)) recording.add(slice, {});
    recording.finish(session.findings());
    check(underTest(new RecordedFeed(files.marketRecording), HALTED_DAY));
  });
});
