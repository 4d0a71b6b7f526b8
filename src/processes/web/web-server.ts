import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { BotState } from '../../domain/lifecycle/bot-state.js';
import type { WebInit } from '../ipc/messages.js';
import { appModule, type AppDeps } from './app.module.js';
import { catalogueOf, methodsByPath, type Endpoint } from './common/catalogue.js';
import { DeviceCookie, SessionCookie } from './common/cookies.js';
import { Gatekeeper } from './common/gatekeeper.js';
import { AccessGuard, StateGate } from './common/guards.js';
import { IdempotencyInterceptor } from './common/idempotency.js';
import { AnswerStore } from './common/answer-store.js';
import { AnswerVersions } from './common/answer-versions.js';
import { FixedAnswers } from './common/fixed-answers.js';
import { KeptAnswers } from './common/kept-answers.js';
import { AnswerMaker } from './common/prepared-answer.js';
import { NoBodyInterceptor } from './common/no-body.js';
import { RequestLog } from './common/request-log.js';
import { ProblemFilter, type KnownMethods } from './common/responses.js';
import {
  cacheHeaders,
  MOST_BODY_BYTES,
  onlyKnownMethods,
  onlyOurHosts,
  onlyPlainBodies,
  onlyWholeAddresses,
  refuseLargeBodies,
  securityHeaders,
  securityHeadersOf,
} from './common/security.js';
import { SetupToken } from './common/setup-token.js';
import { onlyOpenConnections } from './connections.js';
import type { ApiDocument } from './docs/docs.controller.js';
import type { WebContext } from './web-context.js';
import { FastLane } from './fast-lane.js';
import { addressOf, certificates, closeGently, isLoopback, listen, refusePlainRemote } from './listening.js';
import { API_DOCUMENT, DEVICE_COOKIE, FIXED_ANSWERS, SESSION_COOKIE, WEB_CONTEXT } from './tokens.js';

export interface WebServerOptions {
  readonly web: WebInit;
  readonly context: WebContext;
  readonly providers?: AppDeps['providers'];
  /** Other features than the product's, in tests of the frame itself. */
  readonly features?: AppDeps['features'];
}

export interface WebServer {
  /** Such as `http://127.0.0.1:8420`. */
  readonly address: string;
  readonly port: number;
  /** The name of the session cookie. */
  readonly cookieName: string;
  readonly endpoints: readonly Endpoint[];
  readonly app: NestExpressApplication;
  /** Answered since the start. */
  requests(): number;
  /** Listens no more, lets what runs end within so many milliseconds, then cuts it off. */
  close(withinMs: number): Promise<void>;
}

/**
 * The web as a server: Nest over express, every request through the same checks. Throws ConfigError PORT_IN_USE,
 * ADDRESS_NOT_HERE, PORT_NOT_ALLOWED, PLAIN_REMOTE_REFUSED, TLS_FILES_UNUSABLE, and LogicError ENDPOINT_UNDECLARED.
 */
export async function startWebServer(options: WebServerOptions): Promise<WebServer> {
  const { web, context } = options;
  refusePlainRemote(web);
  let port = web.port;
  const cookie = new SessionCookie(() => port, web.tls !== null);
  const api: ApiDocument = { describe: undefined };
  const deviceCookie = new DeviceCookie(() => port, web.tls !== null);
  const always = securityHeadersOf({ tls: web.tls !== null });
  const maker = new AnswerMaker(always);
  const fixed = new FixedAnswers(maker);
  const app = await makeApp(options, { cookie, deviceCookie, api, fixed });
  const requests = new RequestLog(context.log);
  const endpoints = await equip(app, { ...options, cookie, requests, always, maker, fixed });
  const server = app.getHttpServer();
  port = await listen(server, web);
  api.describe = async () => {
    const { describeApi } = await import('./docs/openapi.js');
    return describeApi(app, endpoints, { version: context.init.versionTag, cookieName: cookie.name });
  };
  context.log.note('info', `listening on ${addressOf(web, port)}`);
  return {
    address: addressOf(web, port),
    port,
    cookieName: cookie.name,
    endpoints,
    app,
    requests: () => requests.count,
    close: async (withinMs) => {
      context.live.close();
      await closeGently(server, withinMs);
      await app.close();
    },
  };
}

async function makeApp(
  options: WebServerOptions,
  shared: {
    readonly cookie: SessionCookie;
    readonly deviceCookie: DeviceCookie;
    readonly api: ApiDocument;
    readonly fixed: FixedAnswers;
  },
): Promise<NestExpressApplication> {
  const { web, context, providers = [], features } = options;
  const own = [
    { provide: API_DOCUMENT, useValue: shared.api },
    { provide: WEB_CONTEXT, useValue: context },
    { provide: SESSION_COOKIE, useValue: shared.cookie },
    { provide: DEVICE_COOKIE, useValue: shared.deviceCookie },
    { provide: FIXED_ANSWERS, useValue: shared.fixed },
  ];
  const root = appModule({ providers: [...own, ...providers], ...(features === undefined ? {} : { features }) });
  return NestFactory.create<NestExpressApplication>(root, {
    bodyParser: false,
    abortOnError: false,
    logger: false,
    routeResolutionStrategy: 'specificity',
    ...(web.tls === null ? {} : { httpsOptions: certificates(web.tls) }),
  });
}

interface Equipment extends WebServerOptions {
  readonly cookie: SessionCookie;
  readonly requests: RequestLog;
  /** Headers of every answer. */
  readonly always: ReturnType<typeof securityHeadersOf>;
  readonly maker: AnswerMaker;
  readonly fixed: FixedAnswers;
}

/** Everything that a request passes, in order, and the list of what can be asked. */
async function equip(app: NestExpressApplication, equipment: Equipment): Promise<readonly Endpoint[]> {
  const { web, context, cookie, requests, always, maker, fixed } = equipment;
  app.disable('x-powered-by');
  app.set('trust proxy', false);
  app.set('query parser', 'simple');
  app.use(onlyOpenConnections);
  app.use(requests.handler());
  app.use(securityHeaders(always));
  app.use(cacheHeaders);
  app.use(onlyKnownMethods);
  app.use(onlyOurHosts(isLoopback(web.host)));
  app.use(onlyWholeAddresses);
  app.use(refuseLargeBodies);
  app.useBodyParser('json', { limit: MOST_BODY_BYTES, strict: true, inflate: false });
  app.use(onlyPlainBodies);
  let methods: KnownMethods = () => [];
  app.useGlobalFilters(new ProblemFilter(context.log, (path) => methods(path)));
  const setupToken = new SetupToken(web.setupToken);
  const gatekeeper = new Gatekeeper({ cookie, setupToken, access: () => context.access() });
  const answers = new AnswerStore(maker);
  const versions = new AnswerVersions(() => context.opened);
  const state = (): BotState => context.state;
  app.useGlobalGuards(new StateGate(state), new AccessGuard(gatekeeper));
  app.useGlobalInterceptors(new NoBodyInterceptor(), new IdempotencyInterceptor(), new KeptAnswers(answers, versions));
  await app.init();
  const endpoints = catalogueOf(app);
  methods = methodsByPath(endpoints);
  const loopback = isLoopback(web.host);
  const kept = { answers, versions, fixed };
  const lane = new FastLane({ ...kept, gatekeeper, live: context.live, requests, state, always, loopback });
  lane.standBefore(app.getHttpServer(), endpoints);
  return endpoints;
}
