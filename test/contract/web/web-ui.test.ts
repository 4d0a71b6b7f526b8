import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { sha256Hex } from '../../../src/kernel/hash.js';
import { readAppFiles } from '../../../src/processes/web/app/app-files.js';
import { openApiDigest } from '../../support/openapi-digest.js';
import { OTHER_UI_PAGES, UI_PAGES as PAGES } from '../../support/ui-pages.js';
import {
  BUILT,
  builtManifest,
  filesOf,
  gzipSize,
  lazyParts,
  SHELL_BYTES,
  shellOf,
  type Manifest,
} from '../../support/ui-sizes.js';
import { startTestWeb, type TestWeb } from '../../support/web.js';
import { removeTemporaryHomes, temporaryHome } from '../../unit/support/home.js';

const ROOT = process.cwd();
const PAGE_BYTES = 60 * 1_024;

/** Empty within the limit; otherwise each file with its size, largest first. */
function tooLarge(files: ReadonlySet<string>, limit: number, sizeOf: (file: string) => number): readonly string[] {
  const sizes = [...files].map((file) => ({ file, bytes: sizeOf(file) })).sort((a, b) => b.bytes - a.bytes);
  const sum = sizes.reduce((total, { bytes }) => total + bytes, 0);
  return sum <= limit ? [] : [`${sum} bytes, at most ${limit}`, ...sizes.map(({ file, bytes }) => `${file} ${bytes}`)];
}

/** Second line of a generated file: what it was made of. */
const markOf = (name: string): string =>
  readFileSync(join(ROOT, 'src/ui/generated', name), 'utf8').split('\n')[1] ?? '';

/** A file with the packages that are most of it. */
function withPackages(line: string): string {
  const packages = JSON.parse(readFileSync(join(BUILT, 'packages.json'), 'utf8')) as Readonly<Record<string, string[]>>;
  const made = packages[line.split(' ')[0] ?? ''];
  return made === undefined ? line : `${line}: ${made.slice(0, 4).join(', ')}`;
}

describe('sizes of the app (WEB-2)', () => {
  test('the rule adds what a page loads, and names the files when it is too much', () => {
    const manifest: Manifest = {
      'main.ts': { file: 'm.js', isEntry: true },
      'app/start.tsx': { file: 's.js', css: ['s.css'], imports: ['_a'], dynamicImports: ['app/inside.tsx'] },
      'app/inside.tsx': { file: 'i.js', imports: ['_a'], dynamicImports: ['p.tsx'] },
      _a: { file: 'a.js' },
      'p.tsx': { file: 'p.js', imports: ['_a', '_b'], dynamicImports: ['chart.tsx'] },
      'chart.tsx': { file: 'c.js', imports: ['_b'] },
      _b: { file: 'b.js' },
    };
    const shell = shellOf(manifest);
    expect([...shell].sort()).toEqual(['a.js', 'i.js', 'm.js', 's.css', 's.js']);
    const lazy = lazyParts(manifest).map(({ source, have }) => [source, ...filesOf(manifest, source, have)]);
    expect(lazy).toEqual([
      ['p.tsx', 'p.js', 'b.js'],
      ['chart.tsx', 'c.js'],
    ]);
    expect(() => shellOf({ ...manifest, 'app/inside.tsx': undefined! })).toThrow('the build has no app/inside.tsx');
    const page = filesOf(manifest, 'p.tsx', shell);
    expect([...page].sort()).toEqual(['b.js', 'p.js']);
    expect(tooLarge(page, 10, () => 5)).toEqual([]);
    expect(tooLarge(page, 9, (file) => (file === 'b.js' ? 6 : 4))).toEqual(['10 bytes, at most 9', 'b.js 6', 'p.js 4']);
  });

  test('the shell and each page are within their limits', () => {
    const manifest = builtManifest();
    const shell = shellOf(manifest);
    expect(tooLarge(shell, SHELL_BYTES, gzipSize).map(withPackages)).toEqual([]);
    const lazy = lazyParts(manifest);
    expect(lazy.filter(({ source }) => /(page|forgot)\.tsx$/.test(source))).toHaveLength(PAGES.length + OTHER_UI_PAGES);
    const large = lazy.flatMap(({ source, have }) => tooLarge(filesOf(manifest, source, have), PAGE_BYTES, gzipSize));
    expect(large.map(withPackages)).toEqual([]);
  });
});

describe('the table of pages', () => {
  test('each entry has an id and a path of its own', () => {
    for (const names of [PAGES.map(({ id }) => id), PAGES.map(({ path }) => path)])
      expect(new Set(names).size).toBe(names.length);
  });
});

describe('the app over HTTP', () => {
  let web: TestWeb;
  beforeAll(async () => {
    web = await startTestWeb({ home: temporaryHome() });
  });
  afterAll(async () => {
    await web.stop();
    removeTemporaryHomes();
  });

  test('every address of the app is its page, with an ETag and the policy of every page', async () => {
    const page = await web.client().get('/app/');
    expect(page.status).toBe(200);
    expect(page.text).toContain('<div id="app">');
    expect(page.headers['content-security-policy']).toContain("style-src 'self'");
    expect(page.text).not.toMatch(/<style|<script>|style="/);
    // What decides on the theme comes before everything that is painted; the styles of the app delay no paint.
    expect(page.text).toMatch(/<head>\s*<script src="\/app\/assets\/early-[\w-]+\.js">/);
    expect(page.text.match(/rel="stylesheet"/g)).toHaveLength(1);
    expect(page.text).toMatch(/rel="preload" as="style" href="\/app\/assets\/start-[\w-]+\.css"/);
    for (const address of ['/app', '/app/ledger/2026?asof=4', '/app/..%2f..%2fpackage.json']) {
      expect((await web.client().get(address)).text).toBe(page.text);
    }
    const again = await web.client().get('/app/', { headers: { 'If-None-Match': page.headers['etag'] ?? '' } });
    expect([again.status, again.text]).toEqual([304, '']);
  });

  test('files are kept by browsers for ever and sent compressed to who takes that; others do not exist', async () => {
    const { file } = Object.values(builtManifest()).find(({ isEntry }) => isEntry === true) ?? { file: '' };
    const get = (encoding: string) => web.client().get(`/app/${file}`, { headers: { 'Accept-Encoding': encoding } });
    const [plain, packed] = [await get('identity'), await get('gzip')];
    expect(plain.headers).toMatchObject({
      ...{ 'cache-control': 'public, max-age=31536000, immutable', vary: 'Accept-Encoding' },
    });
    expect([plain.headers['content-encoding'], packed.headers['content-encoding']]).toEqual([undefined, 'gzip']);
    expect(Number(packed.headers['content-length'])).toBe(gzipSize(file));
    expect(gunzipSync(readFileSync(join(BUILT, `${file}.gz`))).toString()).toBe(plain.text);
    for (const other of ['assets/none.js', 'assets/../index.html.gz', 'assets/%2e%2e/manifest.json']) {
      const answer = await web.client().get(`/app/${other}`);
      expect([other, answer.status === 404 || answer.text.includes('<div id="app">')]).toEqual([other, true]);
    }
  });

  const BROWSER = { headers: { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } };
  const led = async (path: string) => {
    const { status, headers } = await web.client().get(path, BROWSER);
    return [status, headers['location'], headers['set-cookie']];
  };

  test('a browser is led to the app from the root, from older addresses and from any that nobody serves', async () => {
    for (const path of ['/', '/setup', '/register', '/login']) {
      expect([path, ...(await led(path))]).toEqual([path, 302, '/app/', undefined]);
    }
    expect(await led('/reset')).toEqual([302, '/app/reset', undefined]);
    expect(await led('/settings?tab=history&asof=4')).toEqual([302, '/app/settings?tab=history&asof=4', undefined]);
    expect(await led('//evil.example/x')).toEqual([302, '/app//evil.example/x', undefined]);
    expect(await led('/none%0d%0aSet-Cookie:%20a=b')).toEqual([302, '/app/none%0d%0aSet-Cookie:%20a=b', undefined]);
  });

  test('a program gets JSON at the root, and a problem at what nobody serves; nothing below /api is a page', async () => {
    const root = await web.client().get('/', { headers: { Accept: 'application/json' } });
    expect([root.status, root.at('app'), root.at('state')]).toEqual([200, '/app/', '/api/state']);
    expect((await web.client().get(String(root.at('state')))).status).toBe(200);
    expect((await web.client().get(String(root.at('description')))).status).toBe(200);
    const none = await web.client().get('/settings');
    expect([none.status, none.at('code')]).toEqual([404, 'NOT_FOUND']);
    for (const path of ['/api', '/api/nothing', '/app/assets/none.js']) {
      const answer = await web.client().get(path, BROWSER);
      expect([path, answer.status, answer.at('code')]).toEqual([path, 404, 'NOT_FOUND']);
    }
    const posted = await web.client().post('/settings', {}, BROWSER);
    expect([posted.status, posted.at('code')]).toEqual([404, 'NOT_FOUND']);
  });

  test('without a build a person reads what to do, and a program gets a problem', async () => {
    const bare = await startTestWeb({ home: temporaryHome(), init: { root: temporaryHome() } });
    try {
      const person = await bare.client().get('/app/', BROWSER);
      expect([person.status, person.headers['content-type']]).toEqual([503, 'text/plain; charset=utf-8']);
      expect(person.text).toContain('Run npm run build where the bot is installed');
      expect((await bare.client().get('/app/')).at('code')).toBe('APP_NOT_BUILT');
    } finally {
      await bare.stop();
    }
  });

  test('without a build there is no app: neither a folder nor half of one is served', () => {
    expect(readAppFiles(join(BUILT, 'none'))).toBeUndefined();
    expect(readAppFiles(join(BUILT, 'assets'))).toBeUndefined();
    expect(readAppFiles(BUILT)?.get('index.html')?.gzip).toBeDefined();
  });

  test('the generated types are those of the interface and of the status', async () => {
    const document = JSON.parse((await web.client().get('/api/docs/openapi.json')).text) as Record<string, unknown>;
    // npm run api makes them
    expect(markOf('api.ts')).toBe(`// OpenAPI ${openApiDigest(document)}`);
    const schema = readFileSync(join(ROOT, 'event-schemas/outputs/status.v1.json'), 'utf8');
    expect(markOf('status.ts')).toBe(`// Schema ${sha256Hex(schema)}`);
  });
});
