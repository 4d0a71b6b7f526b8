import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { MemoryJournal } from '../../src/adapters/journal-memory/memory-journal.js';
import { UniverseFilesStore } from '../../src/adapters/universe-files/universe-files.js';
import { EventAppender } from '../../src/app/journal/event-appender.js';
import type { UniverseOutcome } from '../../src/app/universe/build-universe.js';
import { ProviderQuota } from '../../src/app/universe/provider-quota.js';
import { buildDates, buildHomeUniverse, rebuildHomeUniverse } from '../../src/composition/home-universe.js';
import { parseSettings } from '../../src/domain/config/settings.js';
import { homePaths } from '../../src/domain/home/home-paths.js';
import { parseFundamentals } from '../../src/domain/universe/fundamentals.js';
import { parseUnfiltered } from '../../src/domain/universe/universe-file.js';
import { why } from '../../src/domain/universe/why.js';
import { parseBotIdentity } from '../../src/kernel/identity.js';
import { TradeBotError } from '../../src/kernel/errors.js';
import { sha256Hex } from '../../src/kernel/hash.js';
import { secret } from '../../src/kernel/secret.js';
import { parseDateText, parseUtcText, plusMs } from '../../src/kernel/time.js';
import { EdgarEmulator } from '../emulators/edgar/edgar-emulator.js';
import { FinnhubEmulator } from '../emulators/finnhub/finnhub-emulator.js';
import { AlpacaDataEmulator } from '../emulators/provider-alpaca/alpaca-data-emulator.js';
import { filesUnder, removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';
import type { Company } from '../emulators/provider-server/provider-server.js';

const KEY = 'canary-finnhub-key';
const ALPACA = { id: 'canary-alpaca-id', secret: 'canary-alpaca-secret' };
const NIGHT = parseUtcText('2026-01-06T23:00:00.000Z');
const DATE = parseDateText('2026-01-06');

const COMPANIES: readonly Company[] = [
  {
    symbol: 'AAA',
    mic: 'XNYS',
    price: '50.25',
    volume: 4_000_000,
    capMillions: '5000.5',
    cik: 11,
    pe: '20.5',
    eps: '2.45',
    debtEquity: '0.9059',
  },
  {
    symbol: 'BRK.B',
    mic: 'XNYS',
    price: '250',
    volume: 900_000,
    capMillions: '9000',
    cik: 12,
    pe: null,
    eps: '-1.5',
    debtEquity: '-2',
  },
  { symbol: 'PENNY', mic: 'XNAS', price: '0.5123', volume: 10, capMillions: '400', cik: 13 },
  { symbol: 'ETF', mic: 'XNAS', price: '100', volume: 3_000_000 },
  { symbol: 'OTCX', mic: 'OOTC', price: '20', volume: 10, capMillions: '900', cik: 14 },
  { symbol: 'GONE', mic: 'XNAS', capMillions: '900', cik: 15 },
  { symbol: 'HALT', mic: 'XNAS', price: '30', volume: 50, capMillions: '900', tradable: false },
  { symbol: 'BAD', mic: 'XNAS', price: '30', volume: 50, capMillions: '900' },
];

/** Time that passes only when somebody waits. */
class Time {
  elapsed = 0;
  readonly elapsedMs = (): number => this.elapsed;
  readonly now = () => plusMs(NIGHT, this.elapsed);
  readonly wait = (ms: number): Promise<void> => {
    this.elapsed += ms;
    return Promise.resolve();
  };
}

let time = new Time();
const companies = [...COMPANIES];
const elapsed = (): number => time.elapsed;
const finnhub = new FinnhubEmulator(companies, KEY, elapsed);
const alpaca = new AlpacaDataEmulator(companies, ALPACA, elapsed);
const edgar = new EdgarEmulator(companies, elapsed);
const urls = { finnhub: '', alpaca: '', edgar: '' };
let home = '';
let journal: MemoryJournal;

beforeAll(async () => {
  [urls.finnhub, urls.alpaca, urls.edgar] = (await Promise.all([finnhub.start(), alpaca.start(), edgar.start()])).map(
    ({ url }) => url,
  ) as [string, string, string];
});
afterAll(() => Promise.all([finnhub.stop(), alpaca.stop(), edgar.stop()]));

beforeEach(() => {
  time = new Time();
  home = temporaryHome();
  journal = new MemoryJournal({ clock: time });
  for (const one of [finnhub, alpaca, edgar]) one.reset();
  finnhub.outsidePlan.delete('/stock/metric');
  companies.splice(0, companies.length, ...COMPANIES);
});
afterEach(removeTemporaryHomes);

const identity = parseBotIdentity('DEMO_US_SIM_B01');
const paths = () => homePaths(home, identity);
const store = () => new UniverseFilesStore(paths().universe, time);
const file = (name: 'published' | 'raw' | 'unfiltered'): string => readFileSync(paths().universe[name], 'utf8');

type Fields = Readonly<Record<string, string>>;
const finnhubFields = (): Fields => ({ FINNHUB_API_KEY: KEY, FINNHUB_URL: urls.finnhub });
const alpacaFields = (): Fields => ({
  ALPACA_API_KEY: ALPACA.id,
  ALPACA_SECRET_KEY: ALPACA.secret,
  ALPACA_URL: urls.alpaca,
});
const edgarFields = (): Fields => ({ EDGAR_CONTACT: 'Firm ops@example.com', EDGAR_URL: urls.edgar });

async function build(fields: Fields, settings: Fields = {}): Promise<UniverseOutcome> {
  const secrets = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, secret(value)]));
  const outcome = await buildHomeUniverse({
    ...{ paths: paths(), clock: time, time, settings: parseSettings(settings) },
    vault: { secret: () => secrets },
    appender: new EventAppender({ journal, clock: time, identity, actor: 'system:worker' }),
  });
  if (outcome.state === 'already') throw new Error('it was not built');
  return outcome;
}

const eventTypes = async (): Promise<readonly string[]> =>
  (await journal.readAll({})).map(({ type }) => type).filter((type) => type !== 'UniverseBuildProgressed');

const symbolsOf = (text: string): readonly string[] =>
  (JSON.parse(text) as { readonly symbols: readonly { readonly symbol: string }[] }).symbols.map(
    ({ symbol }) => symbol,
  );

async function failure(work: Promise<unknown>): Promise<TradeBotError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof TradeBotError) return error;
    throw error;
  }
  throw new Error('nothing failed');
}

describe('a nightly build (TRD-10)', () => {
  test('waits for credentials without a failure when no provider is enabled, and says it once', async () => {
    expect(await build({})).toMatchObject({ state: 'waiting_for_credentials' });
    await build({});
    expect(existsSync(paths().universe.waiting)).toBe(true);
    expect(await eventTypes()).toEqual(['UniverseBuildSkipped']);
    await build(alpacaFields());
    expect(existsSync(paths().universe.waiting)).toBe(false);
  });

  test('publishes the files of all stages, each figure with source, time and hash of the answer', async () => {
    writeBlocklist('BAD|fraud|2026-01-05T00:00:00.000Z|admin\n');
    const outcome = await build({ ...alpacaFields(), ...finnhubFields(), ...edgarFields() });
    expect(outcome).toMatchObject({ state: 'published', date: DATE, symbols: 2, listed: 8 });
    expect(symbolsOf(file('published'))).toEqual(['BRK.B', 'AAA']);
    expect(symbolsOf(file('raw'))).toHaveLength(8);
    const whole = parseUnfiltered(file('unfiltered'));
    const codes = whole.rows.map(({ symbol }) => [symbol, why(whole, symbol).excludedBy]);
    expect(Object.fromEntries(codes)).toEqual({
      ...{ AAA: null, 'BRK.B': null, BAD: 'BLOCKLISTED', ETF: 'MARKET_CAP_UNKNOWN', GONE: 'PRICE_UNKNOWN' },
      ...{ HALT: 'NOT_TRADABLE', OTCX: 'EXCHANGE_NOT_WANTED', PENNY: 'PRICE_BELOW_MIN' },
    });
    const { market_cap: cap, price } = whole.rows.find(({ symbol }) => symbol === 'AAA')?.figures ?? {};
    expect(price).toMatchObject({ value: '50.25', source: 'alpaca', asOf: '2026-01-06' });
    expect(cap).toMatchObject({
      value: '5000500000',
      source: 'finnhub',
      others: [{ source: 'edgar', asOf: '2025-02-01' }],
    });
    expect(store().hasText(cap?.sha256 ?? sha256Hex(''))).toBe(true);
    expect(readdirSync(paths().universe.dir).sort()).toEqual([
      ...['screener_blocklist.txt', 'symbol_universe.json', 'symbol_universe.symbols_raw.json'],
      ...['symbol_universe.unfiltered.json', 'universe_ops.log'],
    ]);
    expect(await eventTypes()).toEqual(['UniverseBuildStarted', 'UniversePublished']);
    expect([finnhub.refused, alpaca.refused, edgar.refused]).toEqual([0, 0, 0]);
  });

  test('units, losses and negative equity reach the cache of the fundamental guard as they are', async () => {
    await build({ ...alpacaFields(), ...finnhubFields() });
    const cached = parseFundamentals(readFileSync(paths().universe.fundamentals('2026-01-07'), 'utf8'));
    expect(cached?.get('AAA')?.pe?.text()).toBe('20.5');
    expect(cached?.get('AAA')?.debtEquity?.text()).toBe('0.9059');
    expect(cached?.get('AAA')?.marketCap?.text()).toBe('5000500000');
    expect(cached?.get('BRK.B')?.eps?.sign()).toBe(-1);
    expect(cached?.get('BRK.B')?.pe?.sign()).toBe(-1);
    expect(cached?.get('BRK.B')?.debtEquity?.text()).toBe('-2');
    const damaged = ['', '[]', '{"symbols":[null,{"symbol":"A","figures":null},{"symbol":"B","figures":{"pe":null}}]}'];
    expect(damaged.map((text) => parseFundamentals(text)?.size)).toEqual([undefined, undefined, 2]);
  });

  test('each provider alone builds what it can, and the universe says what was not checked', async () => {
    const one = await build(alpacaFields());
    expect(symbolsOf(file('published'))).toEqual(['ETF', 'BRK.B', 'AAA', 'BAD']);
    expect(one.notes).toEqual(['market caps are not checked: no enabled provider reports them']);
    await build(finnhubFields());
    expect(symbolsOf(file('published'))).toEqual(['BRK.B', 'AAA', 'BAD', 'HALT']);
    await build({ ...alpacaFields(), ...edgarFields() });
    expect(symbolsOf(file('published'))).toEqual(['BRK.B', 'AAA']);
    const whole = parseUnfiltered(file('unfiltered'));
    const { figures } = whole.rows.find(({ symbol }) => symbol === 'AAA') ?? {};
    // what is filed in February 2026 is not known in January
    expect(figures?.eps).toMatchObject({ value: '2.45', asOf: '2025-02-01' });
    expect(figures?.market_cap).toMatchObject({ source: 'edgar', computed: 'shares_outstanding x price' });
  });

  test('no key is in a file, an event or an address of a call', async () => {
    await build({ ...alpacaFields(), ...finnhubFields() });
    const events = JSON.stringify(await journal.readAll({}));
    const texts = [events, ...finnhub.calls, ...alpaca.calls, ...Object.values(filesUnder(home))];
    for (const text of texts) expect(text).not.toMatch(/canary-/);
  });
});

describe('a build that is cut off', () => {
  test('continues with the answers that it has, to the same bytes', async () => {
    const fields = { ...alpacaFields(), ...finnhubFields() };
    await build(fields);
    const [whole, asked] = [file('unfiltered'), finnhub.calls.length];
    const events = await journal.readAll({});
    const started = events.find(({ type }) => type === 'UniverseBuildStarted');
    rmSync(home, { recursive: true });
    time = new Time();
    finnhub.calls.length = 0;
    finnhub.faults.next('lose_request', 'metric', 6);
    expect((await failure(build(fields))).code).toBe('PROVIDER_UNAVAILABLE');
    expect(existsSync(paths().universe.published)).toBe(false);
    const partial = JSON.parse(readFileSync(paths().universe.partial, 'utf8')) as Fields;
    expect(partial).toMatchObject({
      stage: 'figures',
      build_id: started?.data !== undefined ? expect.any(String) : '',
    });
    const before = finnhub.calls.length;
    const answers = `${paths().universe.unfinished.dir}/answers.jsonl`;
    writeFileSync(answers, `${readFileSync(answers, 'utf8')}{"provider":"finnhub","path":"/sto`);
    await build(fields);
    // the refused request once more, and those after it
    expect(finnhub.calls.length - before).toBe(asked - (before - 6));
    const strip = (text: string): string => text.replace(/"(at|as_of|build_id)":"[^"]*"/g, '');
    expect(strip(file('unfiltered'))).toBe(strip(whole));
    expect((await eventTypes()).slice(-4)).toEqual([
      ...['UniverseBuildStarted', 'UniverseBuildFailed', 'UniverseBuildStarted', 'UniversePublished'],
    ]);
  });

  test('a publication that was cut off before its event ends again, with one event', async () => {
    await build(alpacaFields());
    const { universe } = paths();
    const published = file('published');
    // as a crash between the event and the end of the build leaves it
    const kept = universe.snapshot(DATE);
    const { unfinished } = universe;
    renameSync(kept.dir, unfinished.dir);
    const calls = alpaca.calls.length;
    await build(alpacaFields());
    expect(alpaca.calls).toHaveLength(calls);
    expect(file('published')).toBe(published);
    const types = await eventTypes();
    expect(types.filter((type) => type === 'UniversePublished')).toHaveLength(1);
  });

  test('a setting that changed meanwhile holds, and no answer is asked for again', async () => {
    alpaca.faults.next('html', '/v2/stocks/bars', 6);
    expect((await failure(build(alpacaFields()))).code).toBe('PROVIDER_UNAVAILABLE');
    const assets = () => alpaca.calls.filter((call) => call.startsWith('/v2/assets')).length;
    await build(alpacaFields(), { SCREENER_UNIVERSE_MAX_PRICE: '60' });
    expect(assets()).toBe(1);
    expect(symbolsOf(file('published'))).not.toContain('BRK.B');
  });
});

describe('a provider that misbehaves', () => {
  test.each(['rate_limit', 'server_error', 'html', 'garbage', 'stale', 'lose_request'] as const)(
    '%s is asked again, and nothing of it is kept',
    async (fault) => {
      for (const path of ['/stock/symbol', '/stock/metric', '/v2/assets', '/v2/stocks/bars']) {
        finnhub.faults.next(fault, path);
        alpaca.faults.next(fault, path);
      }
      await build({ ...alpacaFields(), ...finnhubFields() });
      expect(symbolsOf(file('published'))).toEqual(['BRK.B', 'AAA', 'BAD']);
      expect(finnhub.faults.drawn.length + alpaca.faults.drawn.length).toBeGreaterThan(3);
    },
  );

  test.each([
    ['a wrong key', () => ({ ...finnhubFields(), FINNHUB_API_KEY: 'canary-wrong' }), 'PROVIDER_KEY_REFUSED'],
    ['a wrong secret key', () => ({ ...alpacaFields(), ALPACA_SECRET_KEY: 'canary-wrong' }), 'PROVIDER_KEY_REFUSED'],
    [
      'a contact without a mail address',
      () => ({ ...alpacaFields(), ...edgarFields(), EDGAR_CONTACT: 'nobody' }),
      'PROVIDER_CONTACT_MISSING',
    ],
  ])('%s fails at once with its remedy, and leaves the published universe', async (_what, fields, code) => {
    await build(alpacaFields());
    const published = file('published');
    const error = await failure(build(fields()));
    expect(error.code).toBe(code);
    expect(error.remedy).toContain('screener_api');
    expect(`${error.line} ${JSON.stringify(await journal.readAll({}))}`).not.toContain('canary-wrong');
    expect(file('published')).toBe(published);
    expect((await eventTypes()).at(-1)).toBe('UniverseBuildFailed');
  });

  test('an endpoint outside the plan is asked once, and the build ends without its figures', async () => {
    finnhub.outsidePlan.add('/stock/metric');
    await build({ ...alpacaFields(), ...finnhubFields() });
    expect(finnhub.calls.filter((call) => call.startsWith('/stock/metric'))).toHaveLength(1);
    expect(symbolsOf(file('published'))).toEqual(['BRK.B', 'AAA', 'BAD']);
  });

  test('a list without symbols is not believed', async () => {
    await build(alpacaFields());
    const published = file('published');
    companies.splice(0);
    expect((await failure(build(alpacaFields()))).code).toBe('UNIVERSE_EMPTY');
    expect(file('published')).toBe(published);
  });
});

describe('a universe of a past date', () => {
  test('is made again from its recorded answers, byte for byte, without a provider', async () => {
    const fields = { ...alpacaFields(), ...finnhubFields(), ...edgarFields() };
    await build(fields);
    const files = [file('raw'), file('unfiltered'), file('published')];
    time.elapsed += 3 * 86_400_000;
    await build(alpacaFields(), { SCREENER_UNIVERSE_MAX_PRICE: '60' });
    expect(file('published')).not.toBe(files[2]);
    const calls = finnhub.calls.length + alpaca.calls.length;
    const again = await rebuildHomeUniverse(paths(), time, DATE);
    expect([again.files.raw, again.files.unfiltered, again.files.published]).toEqual(files);
    expect(finnhub.calls.length + alpaca.calls.length).toBe(calls);
  });

  test('is refused by name when an answer is damaged, or when nothing of it is kept', async () => {
    await build(alpacaFields());
    const { answers } = paths().universe;
    for (const name of readdirSync(answers)) writeFileSync(`${answers}/${name}`, 'damage');
    expect((await failure(rebuildHomeUniverse(paths(), time, DATE))).code).toBe('SNAPSHOT_DAMAGED');
    expect((await failure(rebuildHomeUniverse(paths(), time, parseDateText('2025-01-06')))).code).toBe(
      'SNAPSHOT_MISSING',
    );
  });

  test('builds and answers are kept for the days of the setting, and what another build uses stays', async () => {
    await build(alpacaFields(), { SCREENER_SNAPSHOT_DAYS: '2' });
    const first = readdirSync(paths().universe.answers).length;
    time.elapsed += 7 * 86_400_000;
    await build(alpacaFields(), { SCREENER_SNAPSHOT_DAYS: '2' });
    expect(store().dates()).toEqual(['2026-01-13']);
    expect(readdirSync(paths().universe.answers).length).toBeLessThanOrEqual(first);
    await rebuildHomeUniverse(paths(), time, parseDateText('2026-01-13'));
    expect(existsSync(paths().universe.fundamentals('2026-01-07'))).toBe(false);
  });
});

describe('the dates of a build', () => {
  test.each([
    ['2026-01-06T20:59:00.000Z', '2026-01-05', '2026-01-06'],
    ['2026-01-06T21:00:00.000Z', '2026-01-06', '2026-01-07'],
    ['2026-01-10T12:00:00.000Z', '2026-01-09', '2026-01-12'],
  ])('at %s the last session is %s and the next %s', (at, universe, nextSession) => {
    expect(buildDates(parseUtcText(at))).toEqual({ universe, nextSession });
  });
});

describe('the calls of a provider', () => {
  test('never pass its limits in any minute or second, and a refusal pauses all of them', async () => {
    const quota = new ProviderQuota({ perMinute: 60, perSecond: 30 }, time);
    const at: number[] = [];
    await Promise.all(Array.from({ length: 150 }, () => quota.take().then(() => at.push(time.elapsed))));
    const most = (ms: number): number =>
      Math.max(...at.map((from) => at.filter((one) => one >= from && one < from + ms).length));
    expect([most(1_000), most(60_000)]).toEqual([30, 60]);
    quota.pause(90_000);
    const before = time.elapsed;
    await quota.take();
    expect(time.elapsed - before).toBeGreaterThanOrEqual(90_000);
  });
});

function writeBlocklist(text: string): void {
  store().blocklistText();
  writeFileSync(paths().universe.blocklist, text);
}
