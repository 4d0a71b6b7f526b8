import { describe, expect, test } from '@jest/globals';
import { parseBlocklist } from '../../../src/domain/universe/blocklist.js';
import { enrich } from '../../../src/domain/universe/enrich.js';
import { exchangeName } from '../../../src/domain/universe/exchanges.js';
import type { FigureName, Observation, ProviderName } from '../../../src/domain/universe/observation.js';
import { limitsOf, type UniverseLimits } from '../../../src/domain/universe/rules.js';
import { excludedBy, exclusions, select } from '../../../src/domain/universe/select.js';
import { chooseSessionSymbols, universeAge } from '../../../src/domain/universe/session-symbols.js';
import { parsePublished, parseUnfiltered, type UniverseHeader } from '../../../src/domain/universe/universe-file.js';
import { publishedText, unfilteredText } from '../../../src/domain/universe/write-universe.js';
import { why } from '../../../src/domain/universe/why.js';
import { providerAccounts } from '../../../src/domain/universe/provider-accounts.js';
import { DEFAULT_SETTINGS } from '../../../src/domain/config/settings.js';
import { parseSymbol } from '../../../src/events/names.js';
import { sha256Hex } from '../../../src/kernel/hash.js';
import { secret } from '../../../src/kernel/secret.js';
import { toUtcText, epochMs } from '../../../src/kernel/time.js';

const AT = toUtcText(epochMs(1_767_740_000_000));

function seen(
  symbol: string,
  figure: FigureName,
  value: string,
  source: ProviderName = 'alpaca',
  asOf: string | null = null,
): Observation {
  return { symbol, figure, value, source, asOf, at: AT, sha256: sha256Hex(`${source} ${figure}`) };
}

const LIMITS = limitsOf(DEFAULT_SETTINGS, true);

function listed(symbol: string, price: string, cap: string, volume = '1000'): readonly Observation[] {
  return [
    seen(symbol, 'exchange', 'NYSE'),
    seen(symbol, 'tradable', 'true'),
    seen(symbol, 'price', price),
    seen(symbol, 'volume', volume),
    seen(symbol, 'market_cap', cap, 'finnhub'),
  ];
}

const NONE = new Map();

describe('figures of several sources', () => {
  test('the first source by precedence counts, and the other is shown, not averaged', () => {
    const [row] = enrich([seen('ABC', 'price', '10.50', 'finnhub'), seen('ABC', 'price', '10.00', 'alpaca')]);
    expect(row?.figures.price).toMatchObject({
      value: '10.00',
      source: 'alpaca',
      others: [{ value: '10.50', source: 'finnhub' }],
    });
    expect(row?.disagreements).toEqual(['price']);
  });

  test('sources that differ by the time at which they look agree', () => {
    const [row] = enrich([seen('ABC', 'price', '10.00'), seen('ABC', 'price', '10.10', 'finnhub')]);
    expect(row?.disagreements).toEqual([]);
  });

  test('names are worded differently without a disagreement, exchanges are not', () => {
    const [row] = enrich([
      ...[seen('ABC', 'name', 'Abc Inc'), seen('ABC', 'name', 'ABC INC.', 'edgar')],
      ...[seen('ABC', 'exchange', 'NYSE'), seen('ABC', 'exchange', 'NASDAQ', 'edgar')],
    ]);
    expect(row?.disagreements).toEqual(['exchange']);
  });

  test('the newest of two reports of one source counts, whichever came first', () => {
    const old = seen('ABC', 'price', '9', 'alpaca', '2026-01-05');
    const young = seen('ABC', 'price', '8', 'alpaca', '2026-01-06');
    for (const order of [
      [old, young],
      [young, old],
    ])
      expect(enrich(order)[0]?.figures.price?.value).toBe('8');
  });

  test('shares as filed times the price are a market cap, below a reported one', () => {
    const shares = seen('ABC', 'shares_outstanding', '1000000', 'edgar');
    const [own] = enrich([seen('ABC', 'price', '12.34'), shares]);
    expect(own?.figures.market_cap).toMatchObject({
      value: '12340000',
      source: 'edgar',
      computed: 'shares_outstanding x price',
    });
    const [both] = enrich([seen('ABC', 'price', '12.34'), shares, seen('ABC', 'market_cap', '99000000', 'finnhub')]);
    expect(both?.figures.market_cap).toMatchObject({
      value: '99000000',
      others: [{ value: '12340000', source: 'edgar' }],
    });
    expect(both?.disagreements).toEqual(['market_cap']);
  });

  test('a loss gives a negative price/earnings ratio, and no earnings give none', () => {
    const pe = (eps: string): string | undefined =>
      enrich([seen('ABC', 'price', '10'), seen('ABC', 'eps', eps, 'edgar')])[0]?.figures.pe?.value;
    expect([pe('-2'), pe('0'), pe('4')]).toEqual(['-5.0000', undefined, '2.5000']);
  });
});

describe('the rules of the universe', () => {
  const verdict = (
    observations: readonly Observation[],
    limits: UniverseLimits = LIMITS,
    blocklist = '',
  ): string | undefined => {
    const [judged] = select(enrich(observations), limits, parseBlocklist(blocklist).blocked);
    return judged === undefined ? 'no row' : excludedBy(judged)?.code;
  };

  test.each([
    ['a whole row passes', listed('ABC', '10', '500000000'), undefined],
    ['the lowest price passes', listed('ABC', '2', '500000000'), undefined],
    ['below the lowest price', listed('ABC', '1.9999', '500000000'), 'PRICE_BELOW_MIN'],
    ['above the highest price', listed('ABC', '300.01', '500000000'), 'PRICE_ABOVE_MAX'],
    ['the lowest market cap passes', listed('ABC', '10', '300000000'), undefined],
    ['below the lowest market cap', listed('ABC', '10', '299999999'), 'MARKET_CAP_BELOW_MIN'],
    ['above the highest market cap', listed('ABC', '10', '10000000001'), 'MARKET_CAP_ABOVE_MAX'],
    ['without a price', listed('ABC', '10', '1').filter(({ figure }) => figure !== 'price'), 'PRICE_UNKNOWN'],
    [
      'without a market cap',
      listed('ABC', '10', '1').filter(({ figure }) => figure !== 'market_cap'),
      'MARKET_CAP_UNKNOWN',
    ],
    ['without an exchange', listed('ABC', '10', '1').filter(({ figure }) => figure !== 'exchange'), 'EXCHANGE_UNKNOWN'],
    ['a symbol that is none', listed('abc', '10', '500000000'), 'SYMBOL_NOT_SUPPORTED'],
  ])('%s', (_what, observations, code) => {
    expect(verdict(observations)).toBe(code);
  });

  test('another exchange and a symbol that the broker does not trade are left out', () => {
    const other = listed('ABC', '10', '500000000').map((one) =>
      one.figure === 'exchange' ? { ...one, value: 'OTC' } : one,
    );
    expect(verdict(other)).toBe('EXCHANGE_NOT_WANTED');
    const refused = listed('ABC', '10', '500000000').map((one) =>
      one.figure === 'tradable' ? { ...one, value: 'false' } : one,
    );
    expect(verdict(refused)).toBe('NOT_TRADABLE');
  });

  test('the blocklist comes before every other rule', () => {
    expect(verdict(listed('ABC', '1', '1'), LIMITS, 'ABC|fraud|2026-01-05T00:00:00.000Z|admin\n')).toBe('BLOCKLISTED');
  });

  test('no market cap is asked for when no provider reports any', () => {
    const rows = listed('ABC', '10', '1').filter(({ figure }) => figure !== 'market_cap');
    expect(verdict(rows, { ...LIMITS, marketCapKnown: false })).toBeUndefined();
  });

  test('the size keeps the most traded, and equal ones go by market cap, then by symbol', () => {
    const rows = enrich([
      ...listed('SMALL', '10', '500000000', '10'),
      ...listed('BIG', '10', '500000000', '900'),
      ...listed('BB', '10', '500000000', '100'),
      ...listed('AA', '10', '500000000', '100'),
      ...listed('CC', '10', '600000000', '100'),
    ]);
    const judged = select(rows, { ...LIMITS, maxSize: 4 }, NONE);
    const ranked = judged.filter(({ rank }) => rank !== null).sort((a, b) => (a.rank ?? 0) - (b.rank ?? 0));
    expect(ranked.map(({ row }) => row.symbol)).toEqual(['BIG', 'CC', 'AA', 'BB', 'SMALL']);
    expect(exclusions(judged)).toEqual({ UNIVERSE_FULL: 1 });
  });

  test('exchanges have one name for all providers', () => {
    const names = [
      'XNAS',
      'NASDAQ NMS - GLOBAL MARKET',
      'Nasdaq',
      'XNYS',
      'NEW YORK STOCK EXCHANGE, INC.',
      'ARCX',
      'NYSE MKT',
      'OTC',
    ];
    expect(names.map(exchangeName)).toEqual(['NASDAQ', 'NASDAQ', 'NASDAQ', 'NYSE', 'NYSE', 'ARCA', 'AMEX', 'OTC']);
  });
});

describe('the blocklist', () => {
  test('a symbol of a line that is not whole is blocked all the same, and the line is reported', () => {
    const { blocked, faults } = parseBlocklist('# head\n\nBRK-B|class|2026-01-05|admin\r\nxyz\n!!|x|y|z\nA|b|c|d|e');
    expect([...blocked.keys()]).toEqual(['BRK.B', 'XYZ', 'A']);
    expect(faults).toEqual([
      'line 4: XYZ is blocked, but the line is not SYMBOL|reason|UTC|provider',
      'line 5: "!!" is not a symbol',
      'line 6: A is blocked, but the line is not SYMBOL|reason|UTC|provider',
    ]);
  });
});

const HEADER: UniverseHeader = {
  ...{ format: 1, date: '2026-01-06', build_id: 'b', as_of: AT, providers: ['alpaca'], limits: LIMITS, notes: [] },
};

describe('files of the universe', () => {
  const rows = enrich([...listed('AAA', '10', '500000000', '500'), ...listed('BBB', '1', '500000000')]);
  const { blocked } = parseBlocklist('CCC|x|y|z');
  const judged = select(rows, LIMITS, blocked);

  test('why answers from the unfiltered file what the build decided, rule by rule', () => {
    const whole = parseUnfiltered(unfilteredText(HEADER, [...blocked.values()], judged));
    expect(why(whole, 'AAA')).toMatchObject({ chosen: true, rank: 1, excludedBy: null });
    const answer = why(whole, 'BBB');
    expect(answer).toMatchObject({ chosen: false, rank: null, excludedBy: 'PRICE_BELOW_MIN' });
    expect(answer.rules.find(({ rule }) => rule === 'price')).toMatchObject({
      ok: false,
      value: '1',
      limit: '2 to 300',
    });
    expect(why(whole, 'ZZZ')).toMatchObject({ listed: false, excludedBy: 'NOT_LISTED' });
  });

  test('a published universe is read back as it was written', () => {
    const universe = parsePublished(publishedText(HEADER, judged));
    expect(universe.symbols).toEqual([{ symbol: 'AAA', rank: 1, row: rows[0] }]);
    expect(universe.header).toEqual(HEADER);
  });

  test.each(['', '{', '[]', '{"format":2,"symbols":[]}', '{"format":1,"symbols":[{"symbol":"A"}]}'])(
    'a damaged file is refused by name: %s',
    (text) => {
      expect(() => parsePublished(text)).toThrow('the universe file cannot be used');
    },
  );

  test('a session takes the best ranked symbols that its feed can carry, and says so', () => {
    const universe = parsePublished(publishedText(HEADER, judged));
    const setUp = [parseSymbol('SPY'), parseSymbol('QQQ')];
    const choice = { universe, session: '2026-01-07', maxAgeDays: 3, carries: 30, setUp };
    expect(chooseSessionSymbols(choice)).toMatchObject({
      symbols: ['AAA'],
      source: 'universe',
      age: { state: 'fresh', days: 1 },
    });
    expect(chooseSessionSymbols({ ...choice, session: '2026-01-10' })).toMatchObject({
      age: { state: 'stale', days: 4 },
    });
    const without = chooseSessionSymbols({ ...choice, universe: undefined, carries: 1 });
    expect(without).toMatchObject({ symbols: ['SPY'], source: 'set-up', age: { state: 'missing' } });
    expect(without.description).toContain('no universe is published');
  });

  test('a universe is stale the day after its last day', () => {
    expect(universeAge('2026-01-06', '2026-01-09', 3).state).toBe('fresh');
    expect(universeAge('2026-01-06', '2026-01-10', 3).state).toBe('stale');
  });
});

describe('providers that the admin enabled', () => {
  const accounts = (fields: Readonly<Record<string, string>>) =>
    providerAccounts(Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, secret(value)])));

  test('a provider is enabled by its key, by name or in a list, in order of precedence', () => {
    expect(accounts({})).toEqual([]);
    const both = accounts({
      FINNHUB_API_KEY: 'f',
      '1_PROVIDER': 'Alpaca',
      '1_API_KEY': 'a',
      '1_SECRET_KEY': 's',
      '1_USE': 'universe',
    });
    expect(both.map(({ name, uses }) => [name, uses])).toEqual([
      ['alpaca', ['universe']],
      ['finnhub', ['universe', 'enrichment', 'trading']],
    ]);
    expect(accounts({ EDGAR_CONTACT: 'Firm ops@example.com' })[0]).toMatchObject({ uses: ['enrichment'] });
  });

  test.each([
    [{ '1_PROVIDER': 'yahoo-k3y' }, '1_PROVIDER'],
    [{ FINNHUB_API_KEY: 'k3y', FINNHUB_URL: 'http://api.example.com' }, 'FINNHUB_URL'],
    [{ FINNHUB_API_KEY: 'k3y', FINNHUB_URL: 'https://user:k3y@example.com' }, 'FINNHUB_URL'],
    [{ FINNHUB_API_KEY: 'k3y', FINNHUB_USE: 'k3y' }, 'FINNHUB_USE'],
    [{ EDGAR_CONTACT: 'k3y\r\nx: y' }, 'EDGAR_CONTACT'],
  ])('%j is refused by the name of its field, without its value', (fields, field) => {
    const message = (() => {
      try {
        accounts(fields);
        return 'accepted';
      } catch (error) {
        return `${String(error)} ${JSON.stringify(error)}`;
      }
    })();
    expect(message).toContain(field);
    expect(message).not.toContain('k3y');
  });
});
