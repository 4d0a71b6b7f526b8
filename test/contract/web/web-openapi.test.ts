import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDescribed } from '../../../src/processes/web/docs/openapi.js';
import { TEST_VERSION } from '../../support/provision.js';
import { startTestWeb, type TestWeb } from '../../support/web.js';
import { removeTemporaryHomes, temporaryHome } from '../../unit/support/home.js';

interface Response {
  readonly $ref?: string;
  readonly description?: string;
  readonly content?: Readonly<Record<string, unknown>>;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: unknown;
  readonly responses: Readonly<Record<string, Response>>;
  readonly security: readonly Readonly<Record<string, unknown>>[];
  readonly 'x-permission'?: string;
  readonly 'x-fresh-proof'?: boolean;
}

interface Document {
  readonly openapi: string;
  readonly info: { readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const BY_SETUP_TOKEN = [
  'POST /api/setup',
  'POST /api/setup/check',
  'POST /api/setup/journal-check',
  'POST /api/registration',
];

let web: TestWeb;
let document: Document;

beforeAll(async () => {
  web = await startTestWeb({ home: temporaryHome() });
  const answered = await web.client().get('/api/docs/openapi.json');
  document = JSON.parse(answered.text) as Document;
});

afterAll(async () => {
  await web.stop();
  removeTemporaryHomes();
});

function operations(): readonly (readonly [string, Operation])[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const),
  );
}

/** Every `$ref` of the document. */
function refs(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '$ref' && typeof inner === 'string' ? [inner] : refs(inner),
  );
}

function atRef(ref: string): unknown {
  return ref
    .slice(2)
    .split('/')
    .reduce<unknown>((value, part) => (value as Readonly<Record<string, unknown>> | undefined)?.[part], document);
}

describe('the OpenAPI document (WEB-1)', () => {
  test('it is OpenAPI 3.1 of this version', () => {
    expect(document.openapi).toMatch(/^3\.1\./);
    expect(document.info.version).toBe(TEST_VERSION);
  });

  test('it has every endpoint under /api and no other', () => {
    const wanted = web.server.endpoints
      .filter(isDescribed)
      .map(({ method, path }) => `${method} ${path.replaceAll(/:([A-Za-z]+)/g, '{$1}')}`);
    expect(
      operations()
        .map(([name]) => name)
        .sort(),
    ).toEqual(wanted.sort());
  });

  test('every reference resolves', () => {
    const all = refs(document);
    expect(all.length).toBeGreaterThan(100);
    expect(all.filter((ref) => !ref.startsWith('#/') || atRef(ref) === undefined)).toEqual([]);
  });

  test('a change without a body documents 422 because its Idempotency-Key may belong to another request', () => {
    const without = operations().filter(
      ([, { parameters = [], responses }]) =>
        parameters.some(({ name }) => name === 'Idempotency-Key') && responses['422'] === undefined,
    );
    expect(without.map(([name]) => name)).toEqual([]);
  });

  test('each operation has a unique id, a summary and a success response', () => {
    const names = operations().map(([, { operationId }]) => operationId);
    expect(new Set(names).size).toBe(names.length);
    const poor = operations().filter(([, { summary, responses }]) => {
      const good = Object.entries(responses).filter(([status]) => status.startsWith('2'));
      return summary.length < 4 || good.length !== 1;
    });
    expect(poor.map(([name]) => name)).toEqual([]);
  });

  test('errors are documented as problems of one shape', () => {
    const wrong = operations().flatMap(([name, { responses }]) =>
      Object.entries(responses)
        .filter(([status]) => !status.startsWith('2'))
        .filter(([status, { $ref }]) => $ref !== `#/components/responses/Problem${status}`)
        .map(([status]) => `${name} ${status}`),
    );
    expect(wrong).toEqual([]);
    for (const response of Object.values(document.components['responses'] ?? {})) {
      expect((response as Response).content).toEqual({
        'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
      });
    }
  });

  test('security is documented: sessions with their CSRF token, tokens except for the account and what needs a proof, the setup token', () => {
    for (const [name, operation] of operations()) {
      const { responses, security, 'x-permission': permission, 'x-fresh-proof': proof } = operation;
      const schemes = security.map((one) => Object.keys(one).join('+'));
      const session = 'session+csrf';
      const strangers = BY_SETUP_TOKEN.includes(name) ? ['setupToken'] : [];
      const users = permission === 'account' || proof === true ? [session] : [session, 'token'];
      const wanted = permission === undefined ? strangers : users;
      expect([name, schemes]).toEqual([name, wanted]);
      const refuses = wanted.length > 0 || name === 'POST /api/auth/login';
      expect([name, Object.hasOwn(responses, '401')]).toEqual([name, refuses]);
    }
    expect(document.components['securitySchemes']?.['setupToken']).toMatchObject({
      in: 'header',
      name: 'X-Setup-Token',
    });
  });

  test('every path parameter is described, and none twice', () => {
    for (const [name, { parameters = [] }] of operations()) {
      const reported = parameters.map((parameter) => `${parameter.in} ${parameter.name}`);
      expect([name, new Set(reported).size]).toEqual([name, reported.length]);
      const parts = [...name.matchAll(/\{([a-z]+)\}/gi)].map(([, part]) => `path ${part ?? ''}`);
      expect(reported).toEqual(expect.arrayContaining(parts));
    }
  });

  test('passwords and tokens in requests are marked as such', () => {
    const schemas = document.components['schemas'] as Readonly<
      Record<string, { properties?: Readonly<Record<string, { format?: string; writeOnly?: boolean }>> }>
    >;
    for (const [schema, member] of [
      ['LoginForm', 'password'],
      ['ResetConfirmation', 'token'],
      ['NewUserForm', 'password'],
    ] as const) {
      expect(schemas[schema]?.properties?.[member]).toMatchObject({ format: 'password', writeOnly: true });
    }
  });
});

const WEB = join(process.cwd(), 'src/processes/web');

/** Classes whose members are fields of requests and answers; the description names each by its class alone. */
function fieldClasses(): readonly string[] {
  const files = readdirSync(WEB, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  return files.flatMap((name) => {
    const classes = readFileSync(join(WEB, name), 'utf8').split(/^(?=(?:export )?class )/m);
    return classes.flatMap((text) => {
      const named = /^(?:export )?class (\w+)/.exec(text)?.[1];
      return named !== undefined && /@\w+Field\(/.test(text) ? [named] : [];
    });
  });
}

test('no two classes of fields share a name: one would replace the other in the description', () => {
  const names = fieldClasses();
  expect(names).toContain('BrokerAccountAnswer');
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
});

describe('the documentation page', () => {
  test('it loads only its own files and has no inline script or style', async () => {
    const client = web.client();
    const page = await client.get('/api/docs');
    const files = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => file ?? '');
    expect(files.filter((file) => !file.startsWith('/api/docs/') && file !== 'data:,')).toEqual([]);
    expect(page.text).not.toMatch(/<style|style=|<script>|onload|javascript:/);
    for (const file of files.filter((name) => name.includes('/files/'))) {
      const answered = await client.get(file);
      expect([answered.status, answered.text.length > 50]).toEqual([200, true]);
    }
    expect((await client.get('/api/docs/files/other.js')).status).toBe(404);
  });
});
