import { describe, expect, test } from '@jest/globals';
import { Ajv2020, type AnySchemaObject } from 'ajv/dist/2020.js';
import { execFileSync } from 'node:child_process';
import { posix } from 'node:path';
import { readRepositoryFile, repositoryFiles, ROOT } from './support/source.js';

type Schema = Readonly<Record<string, unknown>>;

const COMMON = 'event-schemas/common/types.v1.json';
const BASE = 'https://tradebot.invalid/';

const paths = repositoryFiles().filter((path) => /^event-schemas\/[^/]+\/[^/]+\.json$/.test(path) && path !== COMMON);
const schemaAt = (path: string): AnySchemaObject => JSON.parse(readRepositoryFile(path)) as AnySchemaObject;

const ajv = new Ajv2020({ strict: false, allErrors: true });
ajv.addSchema(schemaAt(COMMON));

/** Members without a description, as paths inside the schema. */
function undescribed(node: unknown, at = ''): readonly string[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]: [string, unknown]) => {
    const members = key === 'properties' && typeof value === 'object' && value !== null ? Object.entries(value) : [];
    const missing = members
      .filter(([, member]: [string, Schema]) => typeof member['description'] !== 'string')
      .map(([name]) => `${at}/${name}`);
    return key === 'examples' ? [] : [...missing, ...undescribed(value, `${at}/${key}`)];
  });
}

describe('schemas (JRN-11)', () => {
  test('there is at least one schema', () => {
    expect(paths.length).toBeGreaterThan(40);
  });

  test.each(paths)('%s has a title, descriptions and examples that it accepts', (path) => {
    const schema = schemaAt(path);
    expect(schema['$id']).toBe(`${BASE}${path}`);
    expect(schema['$schema']).toBe('https://json-schema.org/draft/2020-12/schema');
    if (!path.includes('/outputs/')) expect(schema['title']).toBe(posix.basename(path).split('.')[0]);
    expect(schema['title']).toEqual(expect.stringMatching(/\S/));
    expect(schema['description']).toEqual(expect.stringMatching(/\S/));
    expect(undescribed(schema)).toEqual([]);
    const examples = schema['examples'];
    if (!Array.isArray(examples)) throw new Error(`${path} has no list of examples`);
    expect(examples.length).toBeGreaterThan(0);
    const validate = ajv.compile(schema);
    for (const example of examples) {
      const valid = validate(example) === true;
      expect(valid ? [] : validate.errors).toEqual([]);
    }
  });

  test('the description rule finds a nested member', () => {
    const inner = { type: 'object', properties: { b: { type: 'string' } } };
    expect(undescribed({ properties: { a: { description: 'x', items: inner } } })).toEqual(['/properties/a/items/b']);
  });

  test('the generated files are up to date', () => {
    const run = (): Buffer =>
      execFileSync(process.execPath, ['event-schemas/generate.mjs', '--check'], { cwd: ROOT, stdio: 'pipe' });
    expect(run).not.toThrow();
  });
});
