import { describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { printable, printableLines } from '../../../src/kernel/printable.js';
import { Output } from '../../../src/processes/cli/output.js';
import { controlProgram } from './control-program.js';
import { ROOT } from './support.js';

const ESC = '\u001b';
/** Clear screen, set the window title (OSC), C1 control, right-to-left override, isolate, tag character, line end. */
const STEERING = [
  `${ESC}[2J`,
  `${ESC}]0;paid\u0007`,
  '\u009b2J',
  '\u202e',
  '\u2066',
  '\u{e0041}',
  '\u200b',
  '\r',
  '\n',
];
const UNSEEN = /[\p{Cc}\p{Bidi_Control}\u200b-\u200d\u2028\u2029\u{e0000}-\u{e007f}]/u;

function captured(json: boolean): { readonly output: Output; readonly text: () => string } {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const output = new Output({ stdout, stderr, json });
  const read = (stream: PassThrough): string => String(stream.read() ?? '');
  return { output, text: () => read(stdout) + read(stderr) };
}

describe('the one printer of foreign text', () => {
  test.each(STEERING)('%j is shown as its code', (text) => {
    const shown = printable(`before ${text} after`);
    expect(shown).not.toMatch(UNSEEN);
    expect(JSON.parse(`"${shown}"`)).toBe(`before ${text} after`);
  });

  test('ordinary text of any language is unchanged', () => {
    for (const text of ['', 'fee 1.06, net 6.94', 'Zürich é 日本 עברית', '\u{1f4c8}'])
      expect(printable(text)).toBe(text);
  });

  test('lines keep their ends', () => {
    expect(printableLines(`a${ESC}\nb\n`)).toBe('a\\u001b\nb\n');
  });

  test('every way out of a command prints it harmless, also as JSON of the same value', async () => {
    const reason = `gift ${STEERING.join(' ')}`;
    const people = captured(false);
    people.output.say(reason);
    people.output.note(reason);
    people.output.error(reason.replaceAll('\n', ''));
    expect(people.text().split('\n')).toHaveLength(4);
    people.output.say(reason);
    expect(people.text().replaceAll('\n', '')).not.toMatch(UNSEEN);

    const programs = captured(true);
    programs.output.result({ reason });
    const line = programs.text();
    expect(line.trimEnd()).not.toMatch(UNSEEN);
    expect(JSON.parse(line)).toEqual({ reason });
    await programs.output.stream(`${JSON.stringify({ reason })}\n`);
    const streamed = programs.text();
    expect(streamed.trimEnd()).not.toMatch(UNSEEN);
    expect(JSON.parse(streamed)).toEqual({ reason });
  });

  test('the programs without a build print like all others', () => {
    for (const text of [...STEERING, 'plain', '\u00ad', '\ufeff', '\u061c']) {
      expect(controlProgram.harmless(text)).toBe(printable(text));
    }
    const setOf = (path: string): string | undefined =>
      /\/(\[\\u0000.*\])\/g/.exec(readFileSync(join(ROOT, path), 'utf8'))?.[1];
    const set = setOf('src/kernel/printable.ts');
    expect(set).toMatch(/^\[/);
    expect(setOf('src/processes/cli/control.cjs')).toBe(set);
    expect(setOf('src/processes/cli/check-proof-standalone.mjs')).toBe(set);
  });

  test('no command writes to the terminal by itself', () => {
    const folder = join(ROOT, 'src/processes/cli');
    const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
    expect(sources.length).toBeGreaterThan(20);
    const direct = sources.filter((name) =>
      /process\.std(out|err)\.write|console\./.test(readFileSync(join(folder, name), 'utf8')),
    );
    expect(direct).toEqual([]);
  });
});
