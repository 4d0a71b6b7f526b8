import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { readPageFiles } from '../../../src/processes/web/pages/page-files.js';

const FOLDER = 'src/processes/web/pages';
const files = readPageFiles(FOLDER);
const text = (name: string): string => files.get(name)?.bytes.toString('utf8') ?? '';
const ofType = (end: string): readonly string[] => [...files.keys()].filter((name) => name.endsWith(end));

describe('files of the pages', () => {
  test('all are there and nothing else: no README, no folder', () => {
    expect([...files.keys()]).toEqual(expect.arrayContaining(['index.html', 'assets/app.css', 'assets/app.mjs']));
    expect([...files.keys()].filter((name) => !/\.(html|css|mjs|svg)$/.test(name))).toEqual([]);
  });

  test('pages have no inline script or style and name no other host (SEC-15, WEB-2)', () => {
    const page = text('index.html');
    expect(page).not.toMatch(/<style|style=|<script(?![^>]*\ssrc=)|\son\w+=/);
    for (const name of files.keys()) {
      const addresses = [...text(name).matchAll(/\b(?:https?:)?\/\/[\w.-]+\.\w+/g)].map(([found]) => found);
      expect([name, addresses.filter((found) => found !== 'http://www.w3.org')]).toEqual([name, []]);
    }
  });

  test('scripts never insert text as HTML', () => {
    for (const name of ofType('.mjs')) {
      expect([name, /innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|new Function/.test(text(name))]).toEqual(
        [name, false],
      );
    }
  });

  test('only requests that carry both halves of the session reach the server: no link to a file, no EventSource', () => {
    for (const name of ofType('.mjs')) {
      const bare = /EventSource\(|\bdownload: |href: [\w.]*href\b|'\/api\//.test(text(name));
      const fetches = text(name).includes('fetch(');
      const mayFetch = ['assets/lib/api.mjs', 'assets/lib/live.mjs'].includes(name);
      expect([name, bare && name !== 'assets/lib/live.mjs', fetches]).toEqual([name, false, mayFetch]);
    }
  });

  test('scripts import only existing files', () => {
    for (const name of ofType('.mjs')) {
      const folder = name.slice(0, name.lastIndexOf('/'));
      const wanted = [...text(name).matchAll(/from '(\.[^']+)'/g)].map(
        ([, path]) => new URL(path ?? '', `x:/${folder}/`),
      );
      expect(wanted.filter(({ pathname }) => !files.has(pathname.slice(1))).map(String)).toEqual([]);
    }
  });

  test('files are small', () => {
    const bytes = [...files.values()].reduce((sum, file) => sum + file.bytes.length, 0);
    // all views together, before compression
    expect(bytes).toBeLessThan(180_000);
  });
});

type Scheme = ReadonlyMap<string, string>;

function schemes(): readonly (readonly [string, Scheme])[] {
  const css = readFileSync(`${FOLDER}/assets/app.css`, 'utf8');
  const blocks = [...css.matchAll(/:root \{([^}]*)\}/g)].map(([, body]) => body ?? '');
  const read = (body: string): Scheme =>
    new Map([...body.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name = '', value = '']) => [name, value]));
  return [
    ['light', read(blocks[0] ?? '')],
    ['dark', read(blocks[1] ?? '')],
  ];
}

/** WCAG 2.2: relative luminance. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(scheme: Scheme, front: string, back: string): number {
  const [a, b] = [front, back].map((name) => luminance(scheme.get(name) ?? '#808080'));
  return (Math.max(a ?? 0, b ?? 0) + 0.05) / (Math.min(a ?? 0, b ?? 0) + 0.05);
}

const TEXT_PAIRS = [
  ...['page', 'surface', 'sunken', 'calm-soft'].flatMap((back) => [`text on ${back}`, `muted on ${back}`]),
  ...['warn-soft', 'bad-soft', 'good-soft'].map((back) => `text on ${back}`),
  ...['surface', 'page', 'calm-soft'].map((back) => `accent on ${back}`),
  ...['on-accent on accent', 'on-accent on accent-strong', 'on-accent on bad', 'on-accent on bad-strong'],
  ...['good on good-soft', 'warn on warn-soft', 'bad on bad-soft', 'good on surface', 'bad on surface'],
];

describe('colours (WCAG AA)', () => {
  test.each(schemes())('%s: every text is readable on its background, and every control is visible', (_, scheme) => {
    const faint = TEXT_PAIRS.filter((pair) => {
      const [front = '', back = ''] = pair.split(' on ');
      return contrast(scheme, front, back) < 4.5;
    });
    expect(faint).toEqual([]);
    for (const back of ['surface', 'page']) expect(contrast(scheme, 'line-strong', back)).toBeGreaterThanOrEqual(3);
  });
});
