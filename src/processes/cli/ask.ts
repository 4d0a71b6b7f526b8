import { createInterface } from 'node:readline/promises';
import { printable } from '../../kernel/printable.js';

/** Asks a person on the terminal; undefined where there is none, as in a script. Only `yes` agrees. */
export function askOnTerminal(): ((question: string) => Promise<boolean>) | undefined {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  return async (question) => {
    const terminal = createInterface({ input: process.stdin, output: process.stderr });
    try {
      return (await terminal.question(`${printable(question)} Type yes to continue: `)).trim().toLowerCase() === 'yes';
    } finally {
      terminal.close();
    }
  };
}
