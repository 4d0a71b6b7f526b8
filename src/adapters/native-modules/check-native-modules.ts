import { createRequire } from 'node:module';
import { configError, type TradeBotError } from '../../kernel/errors.js';

const require = createRequire(import.meta.url);

/** The native packages, each with the call that needs its binary. */
const MODULES: Readonly<Record<string, () => void>> = {
  'better-sqlite3': () => {
    const Database = require('better-sqlite3') as new (path: string) => { close(): void };
    new Database(':memory:').close();
  },
  bcrypt: () => void require('bcrypt'),
};

/** Node versions by the number of their binary interface (NODE_MODULE_VERSION). */
const NODE_OF_ABI: Readonly<Record<string, string>> = { 108: '18', 115: '20', 127: '22', 137: '24', 147: '26' };

/**
 * Loads the native packages, so that an incompatible binary is reported here and not as a fault of the first file that
 * is opened with it. Throws ConfigError NATIVE_MODULE_UNUSABLE.
 */
export function checkNativeModules(modules = MODULES): void {
  for (const [name, load] of Object.entries(modules)) {
    try {
      load();
    } catch (cause) {
      throw unusable(name, cause);
    }
  }
}

function unusable(name: string, cause: unknown): TradeBotError {
  const text = cause instanceof Error ? cause.message : String(cause);
  const abi = /NODE_MODULE_VERSION (\d+)/.exec(text)?.[1];
  const madeFor = abi === undefined ? '' : `; its binary was built for Node ${NODE_OF_ABI[abi] ?? `with ABI ${abi}`}`;
  return configError({
    code: 'NATIVE_MODULE_UNUSABLE',
    message: `the package ${name} does not load on Node ${process.versions.node}, ${process.platform}-${process.arch}${madeFor}: ${text}`,
    remedy: 'Stop the bot if one runs from this folder, delete node_modules and run the command again.',
    cause,
  });
}
