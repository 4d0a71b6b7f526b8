/** @jest-environment ./test/config/sources-environment.mjs */
import { describe, expect, test } from '@jest/globals';
import { STRATEGY_NAMES } from '../../src/domain/config/configured-strategies.js';
import { parseSource, sourcesUnder } from './support/source.js';
import { strategyNames } from './support/strategy-names.js';

const found = (text: string, path = 'src/app/a.ts'): readonly string[] =>
  strategyNames(parseSource(path, text), STRATEGY_NAMES).map((item) => item.text);

describe('only the registry names strategies', () => {
  test.each([
    ["const logs = ['open', 'mid', 'close', 'errors'];", 'open, mid, close'],
    ["type Name = 'mid' | 'close';", 'mid, close'],
    ["const audience = { open: 'read', mid: 'read' };", 'open, mid'],
    ["switch (name) { case 'open': break; case 'mid': break; }", 'open, mid'],
    ["parseStrategyName('open');", "parseStrategyName('open')"],
    ["const probe = 'close' as StrategyName;", "'close' as StrategyName"],
    ["if (event.strategy === 'close') stop();", "event.strategy === 'close'"],
    ['const on = settings.STRAT_MID_ENABLED;', 'STRAT_MID_ENABLED'],
    ["const key = 'OPEN_ANALYSIS_TIME';", 'OPEN_ANALYSIS_TIME'],
  ])('%s is refused', (text, what) => {
    expect(found(text)).toEqual([what]);
    expect(found(text, 'src/strategies/open/a.ts')).toEqual([]);
  });

  test('the open and close of a bar and the middle of a quote are accepted', () => {
    const plain =
      "const bar = { open: 1, close: 2 }; type Face = 'mid' | 'ask'; const order = ['open', 'high', 'close'];";
    expect(found(plain)).toEqual([]);
    expect(found("const opens = settings.MARKET_OPEN; if (state === 'open') run();")).toEqual([]);
  });

  test('all sources obey the rule', () => {
    const all = sourcesUnder(['src', 'projections']).flatMap((source) => strategyNames(source, STRATEGY_NAMES));
    expect(all).toEqual([]);
  });
});
