import { afterAll, describe, expect, test } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { readDotEnv } from '../../../src/processes/cli/dot-env.js';
import { removeTemporaryHomes, temporaryHome } from '../support/home.js';

afterAll(removeTemporaryHomes);

function read(text: string): unknown {
  const path = `${temporaryHome()}/env`;
  writeFileSync(path, text);
  try {
    return readDotEnv(path);
  } catch (error) {
    return (error as { line: string }).line.replace(path, 'FILE');
  }
}

describe('.env holds paths and ports only (CFG-4)', () => {
  test('it is read with comments and quotes; a missing one is empty', () => {
    expect(read('# x\n\nTRADEBOT_PORT=8421\nexport TRADEBOT_HOME="/a b"\nTRADEBOT_TLS_CERT=\'/c\' \n')).toEqual({
      TRADEBOT_PORT: '8421',
      TRADEBOT_HOME: '/a b',
      TRADEBOT_TLS_CERT: '/c',
    });
    expect(readDotEnv(`${temporaryHome()}/none`)).toEqual({});
  });

  test('all faults at once, credentials by name, never with a value', () => {
    const text = read('BROKER_API_KEY=hunter2\nMAX_TRADES=4\nnonsense hunter2\nTRADEBOT_PORT=1\nTRADEBOT_PORT=2\n');
    expect(text).toBe(
      'FILE: line 1: BROKER_API_KEY looks like a credential; store it in the settings or secrets of the bot; ' +
        'line 2: unknown key MAX_TRADES; line 3 is not KEY=value; line 5 sets TRADEBOT_PORT again (DOT_ENV_INVALID). ' +
        'Allowed keys: TRADEBOT_HOME, TRADEBOT_HOST, TRADEBOT_PORT, TRADEBOT_TLS_CERT, TRADEBOT_TLS_KEY, ' +
        'TRADEBOT_ALLOW_PLAIN_REMOTE, TRADEBOT_MASTER_KEY_FILE, TRADEBOT_TERMINAL_LOST.',
    );
  });

  test('an unreadable one is reported', () => {
    const folder = `${temporaryHome()}/env`;
    mkdirSync(folder);
    expect(() => readDotEnv(folder)).toThrow('cannot be read');
    expect(read('#'.repeat(70_000))).toContain('larger than');
  });
});
