import { describe, expect, test } from '@jest/globals';
import { accountOf, accountWords, credentialFaults } from '../../../src/domain/config/broker-account.js';
import type { BrokerName } from '../../../src/domain/config/broker-names.js';
import { feedNameOf, marketDataProblem, tradingSecretFaults } from '../../../src/domain/config/feed-account.js';

const KEYS = { BROKER_API_KEY: 'PKCANARY', BROKER_SECRET_KEY: 'canary', BROKER_ACCOUNT_NUMBER: 'VA1' };
const faultsOf = (broker: BrokerName, fields: Readonly<Record<string, string>>): readonly string[] =>
  credentialFaults(broker, fields).map(({ field, problem }) => `${field} ${problem}`);

describe('whose money an order moves follows from the address', () => {
  test.each([
    ['SIM', {}, 'simulator', ''],
    ['ALPACA', { BROKER_URL: 'https://paper-api.alpaca.markets' }, 'paper', 'paper-api.alpaca.markets'],
    ['ALPACA', { BROKER_URL: 'https://API.alpaca.markets/v2' }, 'live', 'api.alpaca.markets'],
    ['ALPACA', { BROKER_URL: 'https://api.alpaca.markets.example.com' }, 'unknown', 'api.alpaca.markets.example.com'],
    ['ALPACA', { BROKER_URL: 'https://paper-api.alpaca.markets@evil.example.com' }, 'unknown', 'evil.example.com'],
    ['ALPACA', { BROKER_URL: 'http://127.0.0.1:8099' }, 'emulator', '127.0.0.1:8099'],
    ['TRADIER', { BROKER_URL: 'https://sandbox.tradier.com/v1' }, 'paper', 'sandbox.tradier.com'],
    ['TRADIER', { BROKER_URL: 'https://api.tradier.com' }, 'live', 'api.tradier.com'],
    ['IBKR', { BROKER_URL: 'tcp://127.0.0.1:7497' }, 'paper', '127.0.0.1:7497'],
    ['IBKR', { BROKER_HOST: '10.0.0.5:4001' }, 'live', '10.0.0.5:4001'],
    ['IBKR', { BROKER_HOST: '127.0.0.1' }, 'paper', '127.0.0.1:4002'],
    ['IBKR', { BROKER_URL: 'tcp://127.0.0.1:45111' }, 'emulator', '127.0.0.1:45111'],
    ['IBKR', { BROKER_URL: 'tcp://gateway:45111' }, 'unknown', 'gateway:45111'],
    ['TRADIER', {}, 'unknown', ''],
  ] as const)('%s %j is %s at "%s"', (broker, fields, kind, host) => {
    expect(accountOf(broker, fields)).toEqual({ broker, kind, host });
  });

  test('only live money and what may be live are named so', () => {
    const words = (['simulator', 'emulator', 'paper', 'live', 'unknown'] as const).map((kind) =>
      accountWords({ broker: 'ALPACA', kind, host: 'h' }),
    );
    expect(words.map((text) => text.includes('LIVE'))).toEqual([false, false, false, true, true]);
    expect(words.map((text) => /moves? real money|real money\.$/.test(text))).toEqual([false, false, true, true, true]);
  });
});

describe('credentials that cannot work are refused before anything is sent', () => {
  test.each([
    [
      'nothing',
      'ALPACA',
      {},
      ['BROKER_URL is required for ALPACA', 'BROKER_API_KEY is required', 'BROKER_SECRET_KEY is'],
    ],
    [
      'no account',
      'TRADIER',
      { BROKER_URL: 'https://api.tradier.com', BROKER_API_KEY: 'x' },
      ['BROKER_ACCOUNT_NUMBER is'],
    ],
    ['no host', 'IBKR', {}, ['BROKER_URL is required for IBKR, such as tcp://127.0.0.1:4002']],
    [
      'a live key at the paper host',
      'ALPACA',
      { ...KEYS, BROKER_URL: 'https://paper-api.alpaca.markets', BROKER_API_KEY: 'AKCANARY' },
      ['BROKER_API_KEY is a live key, and paper-api.alpaca.markets is the address of paper accounts'],
    ],
    [
      'a paper key at the live host',
      'ALPACA',
      { ...KEYS, BROKER_URL: 'https://api.alpaca.markets' },
      ['BROKER_API_KEY is a paper key'],
    ],
    [
      'a live account at the paper port',
      'IBKR',
      { BROKER_URL: 'tcp://127.0.0.1:4002', BROKER_ACCOUNT_NUMBER: 'U1234567' },
      ['BROKER_ACCOUNT_NUMBER is a live account'],
    ],
    [
      'a paper account at the live port',
      'IBKR',
      { BROKER_URL: 'tcp://127.0.0.1:7496', BROKER_ACCOUNT_NUMBER: 'DU1234567' },
      ['BROKER_ACCOUNT_NUMBER is a paper account'],
    ],
    [
      'the host of another broker',
      'ALPACA',
      { ...KEYS, BROKER_URL: 'https://api.tradier.com' },
      ['BROKER_URL must be an address of Alpaca: api.tradier.com belongs to Tradier'],
    ],
    [
      'the host of the data',
      'ALPACA',
      { ...KEYS, BROKER_URL: 'https://data.alpaca.markets' },
      ['BROKER_URL must be the address for trading'],
    ],
    [
      'a key in clear text',
      'TRADIER',
      { ...KEYS, BROKER_URL: 'http://broker.example.com' },
      ['BROKER_URL must begin with https:// unless'],
    ],
    [
      'a password in the address',
      'ALPACA',
      { ...KEYS, BROKER_URL: 'https://me:canary@paper-api.alpaca.markets' },
      ['BROKER_URL must have no user:password@'],
    ],
    [
      'a web address for the gateway',
      'IBKR',
      { BROKER_URL: 'https://localhost:5000' },
      ['BROKER_URL must begin with tcp://'],
    ],
    [
      'a socket for a web address',
      'ALPACA',
      { ...KEYS, BROKER_URL: 'tcp://127.0.0.1:1' },
      ['BROKER_URL must begin with https://'],
    ],
    ['no address at all', 'ALPACA', { ...KEYS, BROKER_URL: 'https://' }, ['BROKER_URL must be an address such as']],
  ] as const)('%s', (_what, broker, fields, expected) => {
    const faults = faultsOf(broker, fields);
    expect(faults).toHaveLength(expected.length);
    expected.forEach((text, at) => expect(faults[at]).toContain(text));
    expect(faults.join()).not.toContain('canary');
    expect(faults.join()).not.toContain('CANARY');
  });

  test.each([
    ['SIM', {}],
    ['ALPACA', { ...KEYS, BROKER_URL: 'https://paper-api.alpaca.markets' }],
    ['ALPACA', { ...KEYS, BROKER_URL: 'http://127.0.0.1:8099', BROKER_API_KEY: 'AKANY' }],
    ['TRADIER', { ...KEYS, BROKER_URL: 'https://sandbox.tradier.com/v1' }],
    ['IBKR', { BROKER_HOST: '127.0.0.1:7497', BROKER_ACCOUNT_NUMBER: 'DU1234567' }],
  ] as const)('%s with all it needs has none', (broker, fields) => {
    expect(faultsOf(broker, fields)).toEqual([]);
  });
});

describe('the feed of MARKET_DATA', () => {
  const none = { broker_credentials: { BROKER_HOST: '127.0.0.1' }, screener_api: {} };

  test('it is the broker’s unless another is named, and the simulator has its own market', () => {
    expect(feedNameOf('SIM', 'broker')).toBeUndefined();
    expect([feedNameOf('IBKR', 'broker'), feedNameOf('IBKR', 'finnhub')]).toEqual(['ibkr', 'finnhub']);
    expect(marketDataProblem('SIM', 'alpaca')).toContain('must be broker');
    expect(marketDataProblem('ALPACA', 'finnhub')).toBeUndefined();
  });

  test('another vendor’s feed needs its keys; the broker’s own needs none', () => {
    expect(tradingSecretFaults('IBKR', 'ibkr', none)).toEqual([]);
    expect(tradingSecretFaults('IBKR', 'alpaca', none).map(({ file, field }) => `${file}.${field}`)).toEqual([
      'screener_api.ALPACA_API_KEY',
      'screener_api.ALPACA_SECRET_KEY',
    ]);
    const given = { ...none, screener_api: { FINNHUB_API_KEY: 'k' } };
    expect(tradingSecretFaults('IBKR', 'finnhub', given)).toEqual([]);
  });
});
