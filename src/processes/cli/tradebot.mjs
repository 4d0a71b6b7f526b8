#!/usr/bin/env node
/** The `tradebot` command: sets the clone up when it is not, then runs the built program. */
import { ROOT, SetupError, setUp } from './setup.mjs';

try {
  await setUp();
  const { main } = await import('../../../dist/src/processes/cli/main.js');
  process.exitCode = await main(ROOT);
} catch (error) {
  process.stderr.write(`${error instanceof SetupError ? error.message : (error?.stack ?? String(error))}\n`);
  process.exitCode = error instanceof SetupError ? 1 : 2;
}
