import { describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';

const FOLDER = 'src/ui';
const sources = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name) && !name.startsWith('generated'))
  .map((name) => ({ name, text: readFileSync(`${FOLDER}/${name}`, 'utf8') }));
const having = (pattern: RegExp): readonly string[] =>
  sources.filter(({ text }) => pattern.test(text)).map(({ name }) => name);

describe('sources of the app', () => {
  test('text never becomes markup or code', () => {
    expect(sources.length).toBeGreaterThan(100);
    expect(having(/innerHTML|outerHTML|insertAdjacent|document\.write|\beval\(|new Function/i)).toEqual([]);
  });

  test('requests are made below api/ alone: a link or an EventSource would carry half of the session', () => {
    expect([...having(/(?<![.\w])fetch\(/)].sort()).toEqual(['api/live.ts', 'api/patience.ts']);
    expect(having(/EventSource\(|XMLHttpRequest|sendBeacon|href="\/api|href=\{`\/api/)).toEqual([]);
  });

  test('no address of another host', () => {
    const addresses = sources.flatMap(({ name, text }) =>
      [...text.matchAll(/\bhttps?:\/\/[\w.-]+/g)].map(([found]) => `${name} ${found}`),
    );
    expect(addresses).toEqual([]);
    expect(readFileSync(`${FOLDER}/index.html`, 'utf8')).not.toMatch(
      /https?:|<style|style=|<script(?![^>]*\ssrc=)|\son\w+=/,
    );
  });
});

type Scheme = ReadonlyMap<string, string>;

/** The colours of `styles/tokens.css` in a scheme, as six digits. */
function schemeOf(name: 'dark' | 'light'): Scheme {
  const css = readFileSync(`${FOLDER}/styles/tokens.css`, 'utf8');
  const body = css.split(`scheme='${name}'] {`)[1]?.split('}')[0] ?? '';
  const found = [...body.matchAll(/--([\w-]+): #([0-9a-f]{3,6});/g)];
  return new Map(found.map(([, key = '', hex = '']) => [key, hex.length === 3 ? hex.replace(/./g, '$&$&') : hex]));
}

/** WCAG 2.2: relative luminance. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [0, 2, 4].map((at) => {
    const part = parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(scheme: Scheme, front: string, back: string): number {
  const [a = 0, b = 0] = [front, back].map((name) => luminance(scheme.get(name) ?? '808080'));
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

const TEXTS = ['text', 'dim', 'link', 'up', 'down', 'warn', 'bad', 'past', 'on'];
const PAIRS = [
  ...['ground', 'surface', 'raised'].flatMap((back) => TEXTS.map((front) => [front, back] as const)),
  ...['warn', 'bad', 'past'].flatMap((kind) => [
    [kind, `${kind}-ground`] as const,
    ['text', `${kind}-ground`] as const,
  ]),
];

describe('colours (WCAG AA)', () => {
  test.each(['dark', 'light'] as const)('%s: every text is readable on its ground', (name) => {
    const scheme = schemeOf(name);
    expect(PAIRS.flat().filter((colour) => !scheme.has(colour))).toEqual([]);
    const faint = PAIRS.filter(([front, back]) => contrast(scheme, front, back) < 4.5);
    expect(faint.map(([front, back]) => `${front} on ${back}`)).toEqual([]);
  });
});
