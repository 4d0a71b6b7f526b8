/** @jest-environment ./test/config/sources-environment.mjs */
import { describe, expect, test } from '@jest/globals';
import { importFindings, PURE_FOLDERS } from './support/import-rules.js';
import { purityOf } from './support/purity-rules.js';
import { parseSource, sourcesUnder } from './support/source.js';

/** Every exemption weakens the rule; this number may only fall. */
const MOST_EXCUSES = 2;

describe('import directions', () => {
  const found = (path: string, text: string): readonly string[] =>
    importFindings(parseSource(path, text)).map((item) => item.text);

  test.each([
    ['src/kernel/a.ts', "import { x } from '../events/b.js';", 'src/kernel may not import src/events'],
    ['src/domain/orders/a.ts', "export { x } from '../../app/b.js';", 'src/domain may not import src/app'],
    ['src/trading/exits/a.ts', "import type { X } from '../../ports/b.js';", 'src/trading may not import src/ports'],
    ['src/trading/a.ts', "import { x } from '../app/b.js';", 'src/trading may not import src/app'],
    ['src/strategies/a.ts', "import { x } from '../trading/b.js';", 'src/strategies may not import src/trading'],
    ['projections/ledger/a.ts', "import type { X } from '../../src/trading/b.js';", 'rules of the domain only'],
    ['src/app/a.ts', "type X = import('../adapters/b.js').X;", 'src/app may not import src/adapters'],
    ['src/app/a.ts', "const x = await import('../processes/b.js');", 'src/app may not import src/processes'],
    [
      'src/adapters/b/a.ts',
      "import { x } from '../../composition/b.js';",
      'src/adapters may not import src/composition',
    ],
    ['src/composition/a.ts', "import { x } from '../processes/b.js';", 'src/composition may not import src/processes'],
    [
      'src/processes/cli/a.ts',
      "import { x } from '../engine/b.js';",
      'the process cli may not import the process engine',
    ],
    ['src/processes/ipc/a.ts', "import { x } from '../main/b.js';", 'the process ipc may not import the process main'],
    ['projections/ledger/a.ts', "import type { X } from '../../src/ports/b.js';", 'may not import src/ports'],
    ['projections/ledger/a.ts', "import type { X } from '../../src/strategies/b.js';", 'rules of the domain only'],
    ['src/app/a.ts', "import x from '../../test/unit/support/b.js';", 'outside the layers'],
    ['src/app/a.ts', "import x from 'better-sqlite3';", 'only src/adapters may know it'],
    ['src/adapters/b/a.ts', "import { Module } from '@nestjs/common';", 'only src/processes may know it'],
    ['src/app/a.ts', "import fc from 'fast-check';", 'a tool of the tests'],
    ['src/ui/parts/a.tsx', "import { x } from '../../kernel/b.js';", 'src/ui may import nothing but itself'],
    ['src/app/a.ts', "import { x } from '../ui/b.js';", 'src/app may not import src/ui'],
    ['src/app/a.ts', "import { useState } from 'react';", 'only src/ui may know it'],
  ])('%s: %s is refused', (path, text, why) => {
    expect(found(path, text).join()).toContain(why);
  });

  test('downward and sideways imports pass', () => {
    expect(found('src/app/a.ts', "import { x } from './b.js'; import { y } from '../kernel/c.js';")).toEqual([]);
    expect(found('projections/logs/a.ts', "import { x } from '../kit/b.js'; import '../../src/domain/c.js';")).toEqual(
      [],
    );
    expect(found('src/processes/web/users/a.ts', "import '../common/b.js'; import '../../ipc/messages.js';")).toEqual(
      [],
    );
    expect(found('src/composition/a.ts', "import '../adapters/b/c.js'; import '../../projections/d/e.js';")).toEqual(
      [],
    );
    expect(found('src/adapters/x/a.ts', "import D from 'better-sqlite3'; import '../../app/c.js';")).toEqual([]);
  });

  test('all sources obey the import directions', () => {
    expect(sourcesUnder(['src', 'projections'], true).flatMap(importFindings)).toEqual([]);
  });
});

describe('purity of kernel, events, domain, strategies, trading and projections', () => {
  const found = (text: string): readonly string[] =>
    purityOf(parseSource('src/domain/a.ts', text)).findings.map((item) => item.text);

  test.each([
    ["import { hash } from 'node:crypto';", 'import of node:crypto'],
    ["import { of } from 'rxjs';", 'import of rxjs'],
    ['export async function f() {}', 'async'],
    ['const at = new Date();', 'new Date() reads the clock'],
    ['const at = Date.now();', 'Date.now'],
    ['const x = Math.random();', 'Math.random'],
    ['const x = process.env;', 'process.env'],
    ['setTimeout(f, 1);', 'setTimeout()'],
    ['const id = crypto.randomUUID();', 'crypto.randomUUID'],
  ])('%s is refused', (text, why) => {
    expect(found(text)).toContain(why);
  });

  test('a time passed as an argument, and words in comments and strings, are accepted', () => {
    expect(found("const at = new Date(0); // Date.now()\nconst text = 'await Math.random()';")).toEqual([]);
  });

  test('an exemption needs a reason, covers only its own line and must exempt something', () => {
    const excused = '// pure-ok: the hash is a function\nimport { hash } from "node:crypto";\nconst x = Math.random();';
    expect(found(excused)).toEqual(['Math.random']);
    expect(found('// pure-ok:\nimport { hash } from "node:crypto";')).toEqual(['import of node:crypto']);
    expect(purityOf(parseSource('src/domain/a.ts', '// pure-ok: nothing to excuse')).idle).toHaveLength(1);
  });

  test('all pure folders are pure', () => {
    const all = sourcesUnder(PURE_FOLDERS, true).map(purityOf);
    expect(all.flatMap((item) => item.findings)).toEqual([]);
    expect(all.flatMap((item) => item.idle)).toEqual([]);
    const excused = all.flatMap((item) => item.excused.map((one) => `${one.path} ${one.text}`));
    expect(excused.filter((text) => !text.startsWith('src/kernel/hash.ts'))).toHaveLength(
      Math.min(excused.length - 1, MOST_EXCUSES - 1),
    );
  });
});
