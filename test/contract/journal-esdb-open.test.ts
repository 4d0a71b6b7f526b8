import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';
import { theDouble } from '../support/esdb-double/test-server.js';
import { describeNeeding, testNeeding } from '../support/needs.js';
import { EsdbFixture } from './support/esdb-fixture.js';

let fixture: EsdbFixture;

beforeEach(() => {
  fixture = new EsdbFixture();
});

afterEach(async () => {
  await fixture.end();
});

afterAll(removeTemporaryHomes);

describe('connection faults are reported when the journal is opened', () => {
  const attempt = (url: string) => fixture.open({ url, attempts: 2 });

  beforeEach(async () => {
    await fixture.start();
  });

  test('no server is running', async () => {
    const probe = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => probe.once('listening', resolve));
    const address = probe.address();
    await new Promise((resolve) => probe.close(resolve));
    const port = typeof address === 'object' ? address?.port : 0;
    const refused = attempt(`esdb://bot:pass-word@127.0.0.1:${port}?tls=false`);
    await expect(refused).rejects.toMatchObject({ code: 'JOURNAL_UNREACHABLE', callerMust: 'retry' });
    await expect(refused).rejects.not.toMatchObject({ message: expect.stringContaining('pass-word') });
    await expect(refused).rejects.toMatchObject({ message: expect.stringContaining(`esdb://127.0.0.1:${port}`) });
  });

  testNeeding(theDouble)('TLS is used but the server has no TLS', async () => {
    const refused = attempt(fixture.double.url.replace('tls=false', 'tls=true'));
    await expect(refused).rejects.toMatchObject({
      code: 'JOURNAL_UNREACHABLE',
      remedy: expect.stringContaining('tls'),
    });
  });

  describeNeeding(theDouble)('credentials', () => {
    test.each(['denied', 'unauthenticated'] as const)('are %s', async (fault) => {
      fixture.double.failNext('read', fault);
      const refused = attempt(fixture.server.urlAs('bot', 'pass-word'));
      await expect(refused).rejects.toMatchObject({ code: 'JOURNAL_ACCESS_DENIED', callerMust: 'refuse' });
      await expect(refused).rejects.not.toMatchObject({ message: expect.stringContaining('pass-word') });
    });
  });

  testNeeding(theDouble)('the CA file holds no certificate', async () => {
    const file = join(temporaryHome(), 'ca.pem');
    writeFileSync(file, 'no certificate');
    const refused = attempt(
      `${fixture.double.url.replace('tls=false', 'tls=true')}&tlsCAFile=${encodeURIComponent(file)}`,
    );
    await expect(refused).rejects.toMatchObject({ code: 'JOURNAL_TLS_FILE_INVALID' });
  });
});
