import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { canonicalJson } from '../../../src/kernel/canonical-json.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { configError, invariant, unreachable } from '../../../src/kernel/errors.js';
import { commandEventId, naturalKeyId, sha256Hex } from '../../../src/kernel/hash.js';
import { homePaths, safeName } from '../../../src/domain/home/home-paths.js';
import { composeBotIdentity, parseBotIdentity } from '../../../src/kernel/identity.js';
import * as money from '../../../src/kernel/money.js';
import * as time from '../../../src/kernel/time.js';
import { failureOf } from '../support/failure.js';

const codeOf = (work: () => unknown): string => failureOf(work).code;

describe('money', () => {
  test('cents are exact, and the only rounding is half to even', () => {
    expect(money.centsFromText('-12.34')).toBe(-1234n);
    expect(money.centsToDecimal(money.cents(-5n)).text()).toBe('-0.05');
    expect(codeOf(() => money.decimalToCents(Decimal.parse('0.001')))).toBe('DECIMAL_INEXACT');
    const rounded = ['0.005', '0.015', '0.025', '-0.005', '-0.015', '1.0049'].map((text) =>
      money.roundToCents(Decimal.parse(text)),
    );
    expect(rounded).toEqual([0n, 2n, 2n, 0n, -2n, 100n]);
  });

  test('money as text has two decimals, for cents and decimals', () => {
    expect([money.moneyText(money.cents(-5n)), money.moneyText(money.NO_CENTS)]).toEqual(['-0.05', '0.00']);
    expect(['1', '0.005', '0.015', '-12.345'].map((text) => money.moneyText(Decimal.parse(text)))).toEqual([
      '1.00',
      '0.00',
      '0.02',
      '-12.34',
    ]);
  });

  test('sums and differences', () => {
    const [a, b] = [money.cents(7n), money.cents(-9n)];
    expect([money.addCents(a, b), money.addCents(), money.subtractCents(a, b), money.negateCents(a)]).toEqual([
      -2n,
      0n,
      16n,
      -7n,
    ]);
  });
});

describe('canonical JSON (RFC 8785)', () => {
  test('the example of section 3.2', () => {
    const input = {
      numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\u0022/",
      literals: [null, true, false],
    };
    expect(canonicalJson(input)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  test('keys sort by UTF-16 code units (section 3.2.3)', () => {
    const keys = ['\u20ac', '\r', '\ufb33', '1', '\u{1f600}', '\u0080', '\u00f6'];
    const sorted = Object.keys(JSON.parse(canonicalJson(Object.fromEntries(keys.map((key) => [key, 0])))) as object);
    // `1` looks like an index, so JSON.parse puts it first; the text has it where the RFC wants it.
    expect(sorted).toEqual(['1', '\r', '\u0080', '\u00f6', '\u20ac', '\u{1f600}', '\ufb33']);
    expect(canonicalJson({ '\r': 0, '1': 0 })).toBe('{"\\r":0,"1":0}');
  });

  test.each([
    [0, '0'],
    [-0, '0'],
    [5e-324, '5e-324'],
    [-1.7976931348623157e308, '-1.7976931348623157e+308'],
    [9007199254740992, '9007199254740992'],
    [999999999999999900000, '999999999999999900000'],
    [1e21, '1e+21'],
    [1e-7, '1e-7'],
  ])('the number %p is %s (appendix B)', (number, text) => {
    expect(canonicalJson(number)).toBe(text);
  });

  test('absent members are left out; values without a JSON form are refused', () => {
    expect(canonicalJson({ b: [], a: undefined, c: {} })).toBe('{"b":[],"c":{}}');
    expect(codeOf(() => canonicalJson(Number.NaN))).toBe('CANONICAL_NUMBER');
    expect(codeOf(() => canonicalJson([1n]))).toBe('CANONICAL_TYPE');
    expect(codeOf(() => canonicalJson([undefined]))).toBe('CANONICAL_TYPE');
  });
});

/** RFC 9562 version 5, written again from the text of the standard. */
function uuid5(namespace: string, name: string): string {
  const space = Buffer.from(namespace.replaceAll('-', ''), 'hex');
  const bytes = createHash('sha1').update(space).update(name).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

describe('ids', () => {
  const DNS = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';

  test('the re-derivation gives the published vectors', () => {
    expect(uuid5(DNS, 'www.example.com')).toBe('2ed6657d-e927-568b-95e1-2665a8aea6a2');
    expect(uuid5(DNS, 'python.org')).toBe('886313e1-3b8a-5372-9b90-0c9aee199e5d');
  });

  test('a natural key gives a version 5 UUID in our namespace, and its parts cannot be confused', () => {
    const namespace = uuid5(DNS, 'tradebot.invalid');
    expect(naturalKeyId('fill', 'SIM', 'X-1')).toBe(uuid5(namespace, '["fill","SIM","X-1"]'));
    expect(naturalKeyId('ü', '€')).toBe(uuid5(namespace, '["ü","€"]'));
    expect(
      new Set([naturalKeyId('a', 'bc'), naturalKeyId('ab', 'c'), naturalKeyId('abc'), naturalKeyId('a', 'b', 'c')])
        .size,
    ).toBe(4);
  });

  test('a command gives a version 7 UUID of its time, the same for the same command', () => {
    const at = time.parseUtcText('2026-11-20T14:30:00.123Z');
    const id = commandEventId(at, 'order-1', '0');
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(at);
    expect(commandEventId(at, 'order-1', '0')).toBe(id);
    expect(commandEventId(at, 'order-1', '1')).not.toBe(id);
    expect(commandEventId(time.plusMs(at, 1), 'order-1', '0') > id).toBe(true);
  });

  test('SHA-256 of text uses its UTF-8 bytes', () => {
    expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(sha256Hex('€')).toBe(sha256Hex(Buffer.from('€', 'utf8')));
  });
});

describe('bot identity', () => {
  const parts = { entityCode: 'DEMO', jurisdictionCode: 'US', brokerCode: 'SIM', botId: 'B01' };

  test('it is composed of four codes', () => {
    expect(composeBotIdentity(parts)).toBe('DEMO_US_SIM_B01');
    expect(parseBotIdentity('DEMO_US_SIM_B01')).toBe('DEMO_US_SIM_B01');
  });

  test.each(['', 'us', 'U S', 'U_S', '../X', 'ABCDEFGHIJKLM', 'Ä'])('it refuses the code "%s"', (botId) => {
    expect(failureOf(() => composeBotIdentity({ ...parts, botId }))).toMatchObject({ code: 'BAD_IDENTITY_PART' });
  });

  test.each(['', 'A_B_C', 'A_B_C_D_E', 'a_B_C_D', '../../etc', 'A_B_C_D/..', 'A_B_C_D\n'])(
    'it refuses "%s"',
    (text) => {
      expect(codeOf(() => parseBotIdentity(text))).toBe('BAD_IDENTITY');
    },
  );
});

describe('time', () => {
  test('one text form is parsed and printed', () => {
    for (const text of ['1970-01-01T00:00:00.000Z', '2026-11-20T14:30:00.123Z', '1969-12-31T23:59:59.999Z']) {
      expect(time.toUtcText(time.parseUtcText(text))).toBe(text);
    }
  });

  test.each(['2026-11-20', '2026-11-20T14:30:00Z', '2026-11-20T14:30:00.123+00:00', '2026-13-20T14:30:00.123Z', 'now'])(
    '"%s" is not a UTC text',
    (text) => {
      expect(codeOf(() => time.parseUtcText(text))).toBe('NOT_UTC');
    },
  );

  test.each(['2026-02-29', '2026-13-01', '2026-1-1', '20261120', '2026-11-20T00:00:00.000Z'])(
    '"%s" is not a date',
    (text) => {
      expect(codeOf(() => time.parseDateText(text))).toBe('NOT_A_DATE');
    },
  );

  test('days and milliseconds add up over months and leap years', () => {
    expect(time.addDays(time.parseDateText('2024-02-28'), 1)).toBe('2024-02-29');
    expect(time.addDays(time.parseDateText('2026-01-01'), -1)).toBe('2025-12-31');
    expect(time.dateOf(time.parseUtcText('2026-11-20T23:59:59.999Z'))).toBe('2026-11-20');
    expect(time.plusMs(time.epochMs(5), time.SECOND_MS)).toBe(1005);
    expect(codeOf(() => time.epochMs(0.5))).toBe('NOT_A_TIME');
  });
});

describe('paths of a home', () => {
  const home = '/srv/bot';
  const paths = homePaths(home, parseBotIdentity('DEMO_US_SIM_B01'));

  /** Every text anywhere in the answer. */
  const texts = (value: unknown): readonly string[] =>
    typeof value === 'string'
      ? [value]
      : typeof value === 'object' && value !== null
        ? Object.values(value).flatMap(texts)
        : [];

  test('all lie under the home, and none twice', () => {
    const files = [
      ...texts({ ...paths, folders: [] }).filter((path) => path !== home),
      paths.dailySummaryOf(time.parseDateText('2026-11-20')),
      paths.log('open'),
      paths.exportFile('hledger', 'x'),
      paths.marketFile(time.parseDateText('2026-11-20')),
    ];
    expect(files.length).toBeGreaterThan(25);
    for (const path of files) {
      expect(path.startsWith(`${home}/`)).toBe(true);
      expect(path.split('/')).not.toContain('..');
    }
    expect(new Set(files).size).toBe(files.length);
  });

  test('names files as RUN-6 does', () => {
    expect(paths.control.botState).toBe('/srv/bot/control/bot_state.txt');
    expect(paths.output.ledgerDb).toBe('/srv/bot/output/DEMO_US_SIM_B01/ledgers/DEMO_US_SIM_B01_BOT_ledger.db');
    expect(paths.dailySummaryOf(time.parseDateText('2026-11-20'))).toBe(
      '/srv/bot/output/DEMO_US_SIM_B01/summaries/DEMO_US_SIM_B01_BOT_daily_summary_2026-11-20.json',
    );
    expect(paths.exportFile('ofx', 's')).toBe('/srv/bot/output/DEMO_US_SIM_B01/exports/ofx/s.ofx');
  });

  test('every folder of the tree comes after its parent', () => {
    const seen = new Set([home]);
    for (const { path } of paths.folders) {
      expect(seen.has(path.slice(0, path.lastIndexOf('/')))).toBe(true);
      seen.add(path);
    }
  });

  test.each(['..', '../x', 'a/b', '/etc', '', '.hidden', 'a..b', 'a b', 'x'.repeat(200), 'a\0b'])(
    '"%s" is not a valid file name',
    (name) => {
      expect(codeOf(() => safeName(name))).toBe('UNSAFE_NAME');
      expect(codeOf(() => paths.exportFile('ofx', `${name}/`))).toBe('UNSAFE_NAME');
    },
  );
});

describe('errors', () => {
  test('they describe what happened and what to do in one line', () => {
    const error = configError({ code: 'X', message: 'it is wrong', remedy: 'Fix it.', cause: new Error('deep') });
    expect(error.line).toBe('it is wrong (X). Fix it.');
    expect(error).toMatchObject({ name: 'ConfigError', callerMust: 'refuse', details: {} });
    expect(error.cause).toBeInstanceOf(Error);
  });

  test('a broken invariant throws', () => {
    expect(
      failureOf(() => {
        invariant(false, 'BROKEN', 'x');
      }),
    ).toMatchObject({ kind: 'LogicError', callerMust: 'stop' });
    expect(() => {
      invariant(true, 'BROKEN', 'x');
    }).not.toThrow();
    expect(codeOf(() => unreachable('new' as never, 'a switch'))).toBe('UNREACHABLE');
  });
});
