import type { INestApplication } from '@nestjs/common';
import * as openApi from '@nestjs/swagger';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { Endpoint } from '../common/catalogue.js';
import { applyDescriptions } from '../common/described.js';
import { titleOf } from '../common/problem.js';
import { SETUP_TOKEN_HEADER } from '../common/setup-token.js';

export interface DescribeOptions {
  readonly version: string;
  readonly cookieName: string;
}

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Parameters = NonNullable<Operation['parameters']>;

const SETUP_TOKEN =
  'The one-time token that is printed at the start of the bot while there is no user. Each start creates a new one.';

/** Statuses of problems that any endpoint may answer. */
const ALWAYS = [400, 404, 413, 415, 421, 500, 503];
const MUTATIONS = ['POST', 'PUT', 'PATCH', 'DELETE'];
/** Everybody may ask for it, and a wrong name or password is 401. */
const LOGIN = '/api/auth/login';

/** Every address under /api as OpenAPI 3.1, generated from the declarations on the methods (WEB-1). */
export function describeApi(
  app: INestApplication,
  endpoints: readonly Endpoint[],
  options: DescribeOptions,
): OpenAPIObject {
  applyDescriptions(openApi);
  const config = new openApi.DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('TradeBot')
    .setDescription(
      'Errors are problems of RFC 9457 with a closed `code` and a `remedy`. Every GET has an ETag. A state of the bot ' +
        'serves the parts that `x-part` names.',
    )
    .setVersion(options.version)
    .addCookieAuth(options.cookieName, { type: 'apiKey', in: 'cookie' }, 'session')
    .addApiKey({ type: 'apiKey', in: 'header', name: 'X-CSRF-Token' }, 'csrf')
    .addApiKey({ type: 'apiKey', in: 'header', name: SETUP_TOKEN_HEADER, description: SETUP_TOKEN }, 'setupToken')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'tbp_...' }, 'token')
    .build();
  const document = openApi.SwaggerModule.createDocument(app, config, { operationIdFactory: operationId });
  const statuses = new Set<number>();
  for (const endpoint of endpoints.filter(isDescribed)) {
    const operation = operationOf(document, endpoint);
    if (operation === undefined) continue;
    complete(operation, endpoint);
    for (const status of problemStatuses(endpoint)) statuses.add(status);
  }
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, Problem: PROBLEM },
    responses: Object.fromEntries([...statuses].map((status) => [`Problem${status}`, problemResponse(status)])),
  };
  return document;
}

/** Pages and their files are no part of the interface. */
export function isDescribed({ path }: Endpoint): boolean {
  return path.startsWith('/api/');
}

/** `users.changeRole`: what a generated client calls the method. */
function operationId(controller: string, method: string): string {
  const name = controller.replace(/Controller$/, '');
  return `${name.charAt(0).toLowerCase()}${name.slice(1)}.${method}`;
}

function operationOf(document: OpenAPIObject, { method, path }: Endpoint): Operation | undefined {
  const item = document.paths[path.replaceAll(/:([A-Za-z]+)/g, '{$1}')] as
    Readonly<Record<string, Operation | undefined>> | undefined;
  return item?.[method.toLowerCase()];
}

function complete(operation: Operation, endpoint: Endpoint): void {
  const { access, part, proof } = endpoint;
  Object.assign(operation, { 'x-part': part });
  if (access.kind === 'needs') {
    Object.assign(operation, { 'x-permission': access.permission, 'x-fresh-proof': proof });
    const session = { session: [], csrf: [] };
    operation.security = access.permission === 'account' || proof ? [session] : [session, { token: [] }];
  } else operation.security = access.kind === 'setup-token' ? [{ setupToken: [] }] : [];
  operation.parameters = parametersOf(operation.parameters ?? [], endpoint);
  for (const status of problemStatuses(endpoint)) {
    operation.responses[status] = { $ref: `#/components/responses/Problem${status}` };
  }
}

function parametersOf(declared: Parameters, { access, method }: Endpoint): Parameters {
  // Nest reports a query by its class and by its type: one of them is enough.
  const own = new Map(
    declared.map((parameter) => ['in' in parameter ? `${parameter.in} ${parameter.name}` : '', parameter]),
  );
  const replays = access.kind === 'needs' && MUTATIONS.includes(method);
  return replays ? [...own.values(), IDEMPOTENCY_KEY] : [...own.values()];
}

function problemStatuses({ access, method, path, hasInput, part }: Endpoint): readonly number[] {
  const mutates = MUTATIONS.includes(method);
  return [
    ...ALWAYS,
    ...(access.kind !== 'public' ? [401, 403, 429] : mutates ? [403, 429] : []),
    ...(path === LOGIN ? [401] : []),
    ...(mutates || part !== 'always' ? [409] : []),
    // A key for repeating that came with another request before is 422 as well.
    ...(hasInput || (mutates && access.kind === 'needs') ? [422] : []),
  ];
}

function problemResponse(status: number) {
  return {
    description: titleOf(status),
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
}

const IDEMPOTENCY_KEY: Parameters[number] = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'A new UUID for each request: a repeat with the same key is executed once and returns the same answer.',
  schema: { type: 'string', minLength: 8, maxLength: 128 },
};

const TEXT = { type: 'string' };

const PROBLEM = {
  type: 'object',
  description: 'RFC 9457.',
  required: ['type', 'title', 'status', 'detail', 'code', 'remedy', 'instance'],
  properties: {
    type: { ...TEXT, description: 'urn:tradebot:problem:<code>.' },
    title: TEXT,
    status: { type: 'integer' },
    detail: { ...TEXT, description: 'What is wrong, with subject and value.' },
    code: { ...TEXT, description: 'Closed set of codes; scripts match on it.' },
    remedy: { ...TEXT, description: 'What a person does; pages show it.' },
    script: { ...TEXT, description: 'What a program does, where that is more.' },
    instance: { ...TEXT, description: 'Id of the request, as written to the log.' },
    errors: {
      type: 'array',
      description: 'Every fault of the input.',
      items: { type: 'object', required: ['field', 'message'], properties: { field: TEXT, message: TEXT } },
    },
  },
};
