import { existsSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { loadOwnStrategies } from '../../../src/adapters/own-strategies/load-own-strategies.js';
import { ownStrategyNames } from '../../../src/adapters/own-strategies/read-folder.js';
import { writeTemplate } from '../../../src/adapters/own-strategies/template.js';
import { parseSettings } from '../../../src/domain/config/settings.js';
import { strategiesToRun } from '../../../src/strategies/registry.js';
import { removeTemporaryHomes } from '../support/home.js';
import { homeWith, loaded, moduleText, open } from './support.js';

afterAll(removeTemporaryHomes);

const NOON = {
  date: '2026-01-06',
  opensAt: Date.parse('2026-01-06T14:30:00Z'),
  closesAt: Date.parse('2026-01-06T21:00:00Z'),
};

describe('the folder of own strategies', () => {
  test('faulty ones are refused by name, place and remedy, and the others are loaded', async () => {
    const paths = homeWith({
      'good/good.ts': moduleText(),
      'good/good.test.mjs': 'no module',
      'syntax/main.ts': 'const = 1;\n',
      'two/a.ts': moduleText(),
      'two/b.ts': moduleText(),
      'none/README.md': 'nothing',
      'Big Name/a.ts': moduleText(),
      'manual/a.ts': moduleText(),
      'writable/a.ts': moduleText(),
      'gap/a.ts': moduleText({ settings: `{ FADE_X: { kind: 'flag', default: true, label: 'a', help: 'b' } }` }),
      'gap-fade/a.ts': moduleText({ settings: `{ X: { kind: 'flag', default: true, label: 'a', help: 'b' } }` }),
      'tsconfig.json': '{}',
    });
    const folder = paths.storage.ownStrategies;
    open(join(folder, 'writable/a.ts'));
    symlinkSync(join(folder, 'good'), join(folder, 'linked'));
    const { modules, refused } = await loaded(paths);
    expect(modules.map(({ definition }) => definition.name)).toEqual(['gap', 'good']);
    expect(refused.map(({ name, code, where }) => `${name} ${code} ${where}`)).toEqual([
      'Big Name STRATEGY_NAME strategies/Big Name',
      'gap-fade STRATEGY_SETTING_TAKEN strategies/gap-fade/a.ts',
      'linked STRATEGY_UNSAFE strategies/linked',
      'manual STRATEGY_NAME strategies/manual',
      'none STRATEGY_FILES strategies/none',
      'syntax STRATEGY_SYNTAX strategies/syntax/main.ts:1:7',
      'two STRATEGY_FILES strategies/two',
      'writable STRATEGY_UNSAFE strategies/writable/a.ts',
    ]);
    expect(refused.filter(({ remedy }) => remedy.length < 10)).toEqual([]);
    expect(ownStrategyNames(folder)).toEqual([
      'gap',
      'gap-fade',
      'good',
      'linked',
      'none',
      'syntax',
      'two',
      'writable',
    ]);
  });

  test('a home without the folder, and one in which it is a file, have no own strategy', async () => {
    const none = homeWith({});
    expect(await loaded(none)).toEqual({ modules: [], refused: [] });
    writeFileSync(none.storage.ownStrategies, 'a file');
    const { modules, refused } = await loaded(none);
    expect([modules, refused.map(({ code }) => code)]).toEqual([[], ['STRATEGY_UNREADABLE']]);
    expect(ownStrategyNames(none.storage.ownStrategies)).toEqual([]);
  });

  test('what was compiled is kept by the text: a second start compiles nothing', async () => {
    const paths = homeWith({ 'good/good.ts': moduleText() });
    const first = await loaded(paths);
    const kept = dirname(paths.storage.compiledStrategy('x'));
    expect(readdirSync(kept)).toHaveLength(1);
    const compiled: string[] = [];
    const again = await loadOwnStrategies(paths, ({ name }) => {
      compiled.push(name);
      return Promise.resolve({ faults: [] });
    });
    expect(compiled).toEqual([]);
    expect(again.modules.map(({ sha256 }) => sha256)).toEqual(first.modules.map(({ sha256 }) => sha256));
    writeFileSync(join(paths.storage.ownStrategies, 'good/good.ts'), moduleText({ description: `'Another.'` }));
    await loadOwnStrategies(paths, ({ name }) => {
      compiled.push(name);
      return Promise.resolve({ faults: [] });
    });
    expect(compiled).toEqual(['good']);
  });

  test('a name without a module that can run stands in the sequence for a strategy that says why', async () => {
    const own = await loaded(homeWith({ 'syntax/main.ts': 'const = 1;\n' }));
    const settings = parseSettings({ STRATEGY_SEQUENCE: 'open,syntax,gone,close' });
    const context = { settings, ...NOON } as unknown as Parameters<(typeof strategies)[number]['selfCheck']>[0];
    const strategies = strategiesToRun(settings, own);
    expect(strategies.map(({ name }) => name)).toEqual(['open', 'syntax', 'gone', 'close']);
    const failed = strategies.flatMap((one) => one.selfCheck(context)).filter(({ ok }) => !ok);
    expect(failed.map(({ module, cause }) => `${module}: ${cause}`)).toEqual([
      expect.stringMatching(/^strategy syntax: module: strategies\/syntax\/main.ts:1:7: .*expected/),
      'strategy gone: module: strategies/gone: there is no such folder in the home',
    ]);
  });

  test('the template is a strategy that loads; a second one of its name is refused', async () => {
    const paths = homeWith({});
    const { module } = writeTemplate(paths.storage.ownStrategies, 'gap-fade');
    expect(module).toBe('strategies/gap-fade/gap-fade.ts');
    const { modules, refused } = await loaded(paths);
    expect([modules.map(({ definition }) => definition.name), refused]).toEqual([['gap-fade'], []]);
    expect(() => writeTemplate(paths.storage.ownStrategies, 'gap-fade')).toThrow('is in the home already');
    expect(() => writeTemplate(paths.storage.ownStrategies, 'open')).toThrow('cannot be the name');
    expect(existsSync(join(paths.storage.ownStrategies, 'tsconfig.json'))).toBe(true);
  });
});
