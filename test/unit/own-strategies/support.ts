import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CompileResult } from '../../../src/adapters/own-strategies/compile-module.js';
import { interfaceText, loadOwnStrategies } from '../../../src/adapters/own-strategies/load-own-strategies.js';
import { tryModule } from '../../../src/adapters/own-strategies/try-module.js';
import { basePaths } from '../../../src/domain/home/home-paths.js';
import type { OwnStrategies } from '../../../src/strategies/own/own-strategies.js';
import { temporaryHome } from '../support/home.js';

/** A strategy that buys each symbol as soon as it may; `parts` replace what it has. */
export function moduleText(parts: Readonly<Record<string, string>> = {}): string {
  const all = {
    description: `'Buys at once.'`,
    window: `{ start: '10:00@America/New_York', analysisMinutes: 20, entryMinutes: 20, monitoringMinutes: 60 }`,
    settings: `{ BUFFER: { kind: 'number', default: 0.01, min: 0, max: 0.2, label: 'Buffer', help: 'Distance.' } }`,
    analyze: `(symbol) => ({ fitness: 0.5, figures: { price: symbol.price ?? 0 } })`,
    signal: `(_symbol, context) => ({ side: 'long', rule: 'AT_ONCE', figures: { buffer: context.number('BUFFER') } })`,
    ...parts,
  };
  const lines = Object.entries(all).map(([name, text]) => `  ${name}: ${text},`);
  return `import type { Strategy } from 'tradebot/strategy';\nconst strategy: Strategy = {\n${lines.join('\n')}\n};\nexport default strategy;\n`;
}

/** The module of a strategy, compiled and called once. */
export function tried(text: string, file = 'strategies/mine/mine.ts'): CompileResult {
  return tryModule('mine', { file, text, interfaceText: interfaceText() });
}

/** A home with these files below strategies/. */
export function homeWith(files: Readonly<Record<string, string>>): ReturnType<typeof basePaths> {
  const paths = basePaths(temporaryHome());
  for (const [name, text] of Object.entries(files)) {
    const path = join(paths.storage.ownStrategies, name);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, text, { mode: 0o600 });
  }
  return paths;
}

/** Another user could write there. */
export function open(path: string): void {
  chmodSync(path, 0o722);
}

/** The own strategies of a home, compiled in this process. */
export function loaded(paths: ReturnType<typeof basePaths>): Promise<OwnStrategies> {
  return loadOwnStrategies(paths, ({ name, source }) => Promise.resolve(tryModule(name, source)));
}
