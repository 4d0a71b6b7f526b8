import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { RunningTimer } from '../../adapters/clock/running-timer.js';
import { configError, type TradeBotError } from '../../kernel/errors.js';

/** A password is not longer; what comes after the first line is not read. */
const LONGEST = 1_000;
const WITHIN_MS = 300_000;

/**
 * A password as a person types it, twice and unseen, or the first line of the input of a script: never from the arguments,
 * which every process of the machine can read. Throws PASSWORD_NOT_GIVEN, PASSWORDS_DIFFER.
 */
export async function readPassword(ask: string): Promise<string> {
  if (!process.stdin.isTTY) return oneLine(undefined);
  const first = await oneLine(`${ask}: `);
  if ((await oneLine(`${ask}, again: `)) === first) return first;
  throw configError({
    code: 'PASSWORDS_DIFFER',
    message: 'the two passwords are not the same',
    remedy: 'Repeat the command. Nothing was changed.',
  });
}

function oneLine(prompt: string | undefined): Promise<string> {
  const { stdin, stderr } = process;
  const terminal = prompt !== undefined;
  if (terminal) stderr.write(prompt);
  const unseen = new Writable({ write: (_chunk, _encoding, written) => written() });
  const lines = createInterface({ input: stdin, output: unseen, terminal });
  return new Promise<string>((resolve, reject) => {
    const timer = new RunningTimer(WITHIN_MS, () => reject(notGiven()));
    lines.once('line', (line) => resolve(line));
    lines.once('close', () => reject(notGiven()));
    lines.once('SIGINT', () => reject(notGiven()));
    lines.once('line', () => timer.cancel());
    lines.once('close', () => timer.cancel());
  })
    .then((line) => {
      if (line === '' || line.length > LONGEST) throw notGiven();
      return line;
    })
    .finally(() => {
      lines.close();
      if (terminal) stderr.write('\n');
    });
}

function notGiven(): TradeBotError {
  return configError({
    code: 'PASSWORD_NOT_GIVEN',
    message: 'no password was given',
    remedy: 'Type it when it is asked for, or give it as the first line of the input: tradebot users ... < file',
  });
}
