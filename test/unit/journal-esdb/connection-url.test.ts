import { afterAll, describe, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { parseConnectionUrl } from '../../../src/adapters/journal-esdb/connection-url.js';
import { describeSettings, parseSettings, settingsSha256 } from '../../../src/domain/config/settings.js';
import { TradeBotError } from '../../../src/kernel/errors.js';
import { removeTemporaryHomes, temporaryHome } from '../support/home.js';

afterAll(removeTemporaryHomes);

function fileOf(text: string): string {
  const file = join(temporaryHome(), 'file.pem');
  writeFileSync(file, text);
  return file;
}

function refusal(work: () => unknown): TradeBotError {
  try {
    work();
  } catch (error) {
    if (error instanceof TradeBotError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

describe('accepted URLs', () => {
  test.each([
    ['esdb://localhost:2113?tls=false', 'esdb://localhost:2113', undefined],
    ['esdb://bot:secret@db.example:2113', 'esdb://db.example:2113', 'secret'],
    ['esdb+discover://bot:secret@cluster.example?nodePreference=leader', 'esdb+discover://cluster.example', 'secret'],
    ['esdb://n1:2113,n2:2113,n3?keepAliveInterval=10000', 'esdb://n1:2113,n2:2113,n3', undefined],
    ['  esdb://bot:a%3Ab%40c@h/?tls=true&connectionName=b01  ', 'esdb://h', 'a:b@c'],
  ])('%s is shown as %s', (url, shown, password) => {
    const parsed = parseConnectionUrl(url);
    expect(parsed.shown).toBe(shown);
    expect(parsed.credentials?.password).toBe(password);
  });

  test('a URL with an existing file is accepted', () => {
    const file = fileOf(rootCertificates[0] ?? '');
    expect(parseConnectionUrl(`esdb://h?tlsCAFile=${encodeURIComponent(file)}`)).toMatchObject({
      shown: 'esdb://h',
      options: [`tlsCAFile=${file}`],
      hosts: [{ host: 'h', port: 2113 }],
      tls: true,
      caFile: file,
    });
  });
});

describe('refused URLs, without showing their content', () => {
  test.each([
    ['another scheme', 'http://bot:hunter2@h'],
    ['no host', 'esdb://bot:hunter2@'],
    ['a host that is none', 'esdb://bot:hunter2@h h'],
    ['a port that is none', 'esdb://bot:hunter2@h:21131313'],
    ['a password that the client would cut short', 'esdb://bot:hunter2:more@h'],
    ['no password', 'esdb://hunter2@h'],
    ['a half percent sign', 'esdb://bot:hunter2%@h'],
    ['an option that the client would print', 'esdb://bot:hunter2@h?tsl=false'],
    ['an option that does nothing', 'esdb://bot:hunter2@h?tlsVerifyCert=false'],
    ['an option that would hide failures', 'esdb://bot:hunter2@h?throwOnAppendFailure=false'],
    ['an option without a value', 'esdb://bot:hunter2@h?tls'],
    ['a tls that is neither', 'esdb://bot:hunter2@h?tls=no'],
    ['a port beyond the last one', 'esdb://bot:hunter2@h:65536'],
    ['an IPv6 address, which the client cannot use', 'esdb://bot:hunter2@[::1]:2113'],
    ['an option twice', 'esdb://bot:hunter2@h?tls=true&tls=false'],
    ['a number that the client would cut', 'esdb://bot:hunter2@h?defaultDeadline=500ms'],
    ['a number of which the client prints a warning', 'esdb://bot:hunter2@h?keepAliveInterval=500'],
    ['a preference that is none', 'esdb://bot:hunter2@h?nodePreference=nearest'],
  ])('%s', (_what, url) => {
    const error = refusal(() => parseConnectionUrl(url));
    expect(error).toMatchObject({ kind: 'ConfigError', code: 'JOURNAL_URL_INVALID', callerMust: 'refuse' });
    expect(`${error.line} ${JSON.stringify(error.details)} ${error.stack}`).not.toContain('hunter2');
    expect(error.remedy).not.toBe('');
  });

  test.each(['tlsCAFile', 'userCertFile', 'userKeyFile'])('a missing %s is named', (option) => {
    const error = refusal(() => parseConnectionUrl(`esdb://bot:hunter2@h?${option}=/nowhere/at/all.pem`));
    expect(error).toMatchObject({ code: 'JOURNAL_TLS_FILE_MISSING', details: { option, file: '/nowhere/at/all.pem' } });
    expect(error.line).not.toContain('hunter2');
  });

  test.each([
    ['is not an absolute path', () => 'ca.pem'],
    ['is not a file', () => temporaryHome()],
    ['holds no readable certificate', () => fileOf('a certificate')],
    ['holds no readable certificate', () => fileOf('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')],
  ])('a CA file that %s is refused with its path', (fault, make) => {
    const file = make();
    const error = refusal(() => parseConnectionUrl(`esdb://bot:hunter2@h?tlsCAFile=${encodeURIComponent(file)}`));
    expect(error.code).toBe('JOURNAL_TLS_FILE_INVALID');
    expect(error.message).toBe(`the tlsCAFile of the journal's URL, ${file}, ${fault}`);
  });

  test.each([
    ['kurrentdb://bot:hunter2@h:2113?tls=false', /KurrentDB.*esdb:\/\//],
    ['kurrentdb+discover://bot:hunter2@h', /KurrentDB.*esdb\+discover:\/\//],
    ['postgres://bot:hunter2@h/db', /address of PostgreSQL, not of EventStoreDB/],
    ['https://bot:hunter2@h', /address of a web server, not of EventStoreDB/],
    ['db.example:2113', /not an EventStoreDB address/],
  ])('%s is refused as that of another product', (url, words) => {
    const error = refusal(() => parseConnectionUrl(url));
    expect(error.line).toMatch(words);
    expect(error.line).not.toContain('hunter2');
  });

  test('a client certificate without its key is refused', () => {
    const file = fileOf(rootCertificates[0] ?? '');
    expect(refusal(() => parseConnectionUrl(`esdb://h?userCertFile=${encodeURIComponent(file)}`))).toMatchObject({
      code: 'JOURNAL_URL_INVALID',
    });
  });
});

describe('JOURNAL_URL as a setting', () => {
  const URL = 'esdb://bot:hunter2@h:2113?tls=true';

  test('it is secret once set and not part of the settings digest', () => {
    const settings = parseSettings({ JOURNAL_URL: URL });
    expect(settings.JOURNAL_URL).toBe(URL);
    expect(describeSettings(settings).JOURNAL_URL).toBe('***');
    expect(settingsSha256(settings)).toBe(settingsSha256(parseSettings({})));
  });

  test('it is shown while it is the default', () => {
    expect(describeSettings(parseSettings({})).JOURNAL_URL).toBe('sqlite:');
  });

  test.each(['postgres://bot:hunter2@h', 'esdb://', 'esdb://bot:hunter2@h ost', `esdb://${'x'.repeat(2_000)}`])(
    'it is not %s, and the fault does not show it',
    (url) => {
      const error = refusal(() => parseSettings({ JOURNAL_URL: url }));
      expect(error.code).toBe('SETTINGS_INVALID');
      expect(`${error.line} ${JSON.stringify(error.details)}`).not.toMatch(/hunter2|xxx/);
      expect(error.line).toContain('not "***"');
    },
  );
});
