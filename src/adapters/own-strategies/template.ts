import { existsSync, mkdirSync } from 'node:fs';
import { isOwnName } from '../../domain/config/own-names.js';
import { configError } from '../../kernel/errors.js';
import { writeFileAtomic } from '../files/atomic-write.js';
import { interfaceText } from './load-own-strategies.js';
import { OWN_FOLDER } from './read-folder.js';

/** Files of a new strategy, by their path below the home. */
export interface NewStrategy {
  readonly module: string;
  readonly test: string;
  /** What all strategies share: written when it is missing, and the declarations each time. */
  readonly shared: readonly string[];
}

/**
 * Writes a strategy that works, with its test, into the home: a start to be changed. Throws ConfigError STRATEGY_NAME or
 * STRATEGY_EXISTS; nothing is written then.
 */
export function writeTemplate(root: string, name: string): NewStrategy {
  if (!isOwnName(name)) throw badName(name);
  const folder = `${root}/${name}`;
  if (existsSync(folder)) throw exists(folder);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const [module, test] = [`${name}/${name}.ts`, `${name}/${name}.test.mjs`];
  writeFileAtomic(`${root}/${module}`, moduleText());
  writeFileAtomic(`${root}/${test}`, testText(name));
  const shown = (file: string): string => `${OWN_FOLDER}/${file}`;
  return { module: shown(module), test: shown(test), shared: writeShared(root).map(shown) };
}

/** What an editor needs to check types offline, and Node to run a test. */
function writeShared(root: string): readonly string[] {
  const declarations = 'tradebot-strategy.d.ts';
  writeFileAtomic(`${root}/${declarations}`, declarationsText());
  const missing = Object.entries(SHARED).filter(([file]) => !existsSync(`${root}/${file}`));
  for (const [file, content] of missing) writeFileAtomic(`${root}/${file}`, `${JSON.stringify(content, null, 2)}\n`);
  return [declarations, ...missing.map(([file]) => file)];
}

const SHARED: Readonly<Record<string, object>> = {
  'package.json': { private: true, type: 'module' },
  'tsconfig.json': {
    compilerOptions: {
      strict: true,
      noUncheckedIndexedAccess: true,
      noEmit: true,
      target: 'ES2023',
      lib: ['ES2023'],
      module: 'ESNext',
      moduleResolution: 'Bundler',
      types: [],
    },
    include: ['**/*.ts'],
  },
};

function declarationsText(): string {
  const body = interfaceText().replace(/^(?=.)/gm, '  ');
  return `// Made by TradeBot: what a strategy may import. Changes are lost.\ndeclare module 'tradebot/strategy' {\n${body}}\n`;
}

function moduleText(): string {
  return `import type { Strategy } from 'tradebot/strategy';

/** Buys a symbol that rises above the range of the analysis, and closes when it falls back into it. */
const strategy: Strategy = {
  description: 'Buys what breaks out of the range of its analysis.',
  window: { start: '10:30@America/New_York', analysisMinutes: 30, entryMinutes: 30, monitoringMinutes: 45 },
  settings: {
    BUFFER: {
      kind: 'number',
      default: 0.001,
      min: 0,
      max: 0.1,
      unit: 'fraction',
      label: 'Breakout buffer',
      help: 'Minimum distance of the price above the range.',
    },
  },

  analyze(symbol) {
    const { analysis } = symbol;
    if (analysis === null) return { code: 'NO_DATA' };
    const width = (analysis.high - analysis.low) / analysis.close;
    return { fitness: Math.min(1, width * 20), figures: { width } };
  },

  signal(symbol, context) {
    const { analysis, price } = symbol;
    if (analysis === null || price === null) return { code: 'NO_DATA' };
    const upper = analysis.high * (1 + context.number('BUFFER'));
    const figures = { price, upper };
    return price > upper ? { side: 'long', rule: 'RANGE_BREAKOUT', figures } : { code: 'INSIDE_RANGE', figures };
  },

  manage(position, symbol) {
    const { analysis, price } = symbol;
    if (analysis === null || price === null || price >= analysis.high) return undefined;
    return { code: 'BACK_IN_RANGE', figures: { price, entryPrice: position.entryPrice } };
  },
};

export default strategy;
`;
}

function testText(name: string): string {
  return `import assert from 'node:assert/strict';
import test from 'node:test';
import strategy from './${name}.ts';

const analysis = { open: 100, high: 101, low: 99, close: 100, volume: 10_000, bars: 30 };
const at = (price) => ({ symbol: 'SPY', price, analysis });
const context = { number: () => 0.01 };

test('a price above the range and its buffer is bought', () => {
  const signal = strategy.signal(at(102.02), context);
  assert.equal(signal.side, 'long');
  assert.equal(signal.rule, 'RANGE_BREAKOUT');
});

test('a price within the buffer is not bought', () => {
  assert.equal(strategy.signal(at(102), context).code, 'INSIDE_RANGE');
});

test('a position is closed when the price is back in the range', () => {
  const position = { symbol: 'SPY', side: 'long', entryPrice: 102.02, entryTime: '2026-01-05T16:00:00.000Z' };
  assert.equal(strategy.manage(position, at(101.5), context), undefined);
  assert.equal(strategy.manage(position, at(100.5), context).code, 'BACK_IN_RANGE');
});

test('a symbol without trades in the analysis is left out', () => {
  assert.equal(strategy.analyze({ ...at(100), analysis: null }, context).code, 'NO_DATA');
});
`;
}

function badName(name: string): Error {
  return configError({
    code: 'STRATEGY_NAME',
    message: `"${name.slice(0, 40)}" cannot be the name of an own strategy`,
    remedy: 'Use small letters, digits and dashes, such as gap-fade, and no name that TradeBot uses itself.',
  });
}

function exists(folder: string): Error {
  return configError({
    code: 'STRATEGY_EXISTS',
    message: `${folder} is in the home already`,
    remedy: 'Use another name, or change what is there. Nothing was written.',
  });
}
