import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { BotState } from '../../domain/lifecycle/bot-state.js';
import type { AnswerStore } from './common/answer-store.js';
import type { AnswerVersions } from './common/answer-versions.js';
import type { Endpoint } from './common/catalogue.js';
import type { FixedAnswers } from './common/fixed-answers.js';
import type { Gatekeeper } from './common/gatekeeper.js';
import { isAnswerable, sendPrepared, type PreparedAnswer } from './common/prepared-answer.js';
import type { Principal } from './common/principal.js';
import { REQUEST_ID, type RequestLog } from './common/request-log.js';
import { contextOf } from './common/request-context.js';
import { isServed, type RouteGroup } from './common/route-availability.js';
import { ASK_AGAIN, isOurHost } from './common/security.js';
import { LIVE_PATH, listenerOf } from './live/live.controller.js';
import type { LiveFeed } from './live/live-feed.js';
import type { Permission } from '../../domain/access/roles.js';

export interface FastLaneDeps {
  readonly answers: AnswerStore;
  readonly versions: AnswerVersions;
  readonly fixed: FixedAnswers;
  readonly gatekeeper: Gatekeeper;
  readonly live: LiveFeed;
  readonly requests: RequestLog;
  readonly state: () => BotState;
  /** Headers of every answer. */
  readonly always: readonly (readonly [string, string])[];
  /** Bound to the loopback: only its names are served. */
  readonly loopback: boolean;
}

/** Who may ask, and where the request belongs. */
interface Needed {
  readonly permission: Permission;
  readonly part: RouteGroup;
  readonly route: string | undefined;
}

/**
 * Answers in front of Nest what was answered before: kept answers and files, as long as nothing has changed that answer or
 * permission followed from, and streams of live events. It makes no decision of its own: who asks, what a role may, and which
 * part is served is asked of the same places as always, and all that is not plainly so takes the usual way, which refuses and records.
 */
export class FastLane {
  #live: Needed | undefined;

  constructor(private readonly deps: FastLaneDeps) {}

  /** From now on requests pass here first. `endpoints`: all that there are. */
  standBefore(server: Server, endpoints: readonly Endpoint[]): void {
    const live = endpoints.find(({ method, path }) => method === 'GET' && path === LIVE_PATH);
    if (live?.access.kind === 'needs') {
      this.#live = { permission: live.access.permission, part: live.part, route: LIVE_PATH };
    }
    const usual = server.listeners('request');
    server.removeAllListeners('request');
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      if (this.#answers(request, response)) return;
      for (const listener of usual) Reflect.apply(listener, server, [request, response]);
    });
  }

  #answers(request: IncomingMessage, response: ServerResponse): boolean {
    if (!this.#isPlain(request)) return false;
    const { url = '', headers } = request;
    const fixed = this.deps.fixed.find(url, headers['accept-encoding']);
    if (fixed !== undefined) return this.#send(request, response, fixed);
    if (url === LIVE_PATH) return this.#listen(request, response);
    const found = this.#kept(request, url);
    return found !== undefined && this.#send(request, response, found);
  }

  /** A question without a body, over a connection that is open. */
  #isPlain({ method, headers, socket }: IncomingMessage): boolean {
    return (
      method === 'GET' &&
      !socket.destroyed &&
      headers['content-length'] === undefined &&
      headers['transfer-encoding'] === undefined &&
      isOurHost(headers.host, this.deps.loopback)
    );
  }

  #kept(request: IncomingMessage, url: string): Found | undefined {
    const { answers, versions } = this.deps;
    const address = answers.at(url);
    if (address === undefined) return undefined;
    try {
      const principal = this.#principal(request, address);
      if (principal === undefined) return undefined;
      const kept = answers.find(url, principal, versions.now(address.madeOf));
      return kept === undefined ? undefined : { answer: kept.answer, route: address.route, principal };
    } catch {
      // The usual way meets the same fault, and reports it.
      return undefined;
    }
  }

  #principal(request: IncomingMessage, { permission, part }: Needed): Principal | undefined {
    return isServed(part, this.deps.state()) ? this.deps.gatekeeper.recall(request, permission) : undefined;
  }

  #send(request: IncomingMessage, response: ServerResponse, { answer, route, principal }: Found): boolean {
    const tag = request.headers['if-none-match'];
    if (!isAnswerable(answer, tag)) return false;
    const about = this.deps.requests.follow(request, response);
    about.route = route;
    about.principal = principal;
    sendPrepared(response, answer, tag, about.id);
    return true;
  }

  #listen(request: IncomingMessage, response: ServerResponse): boolean {
    const { live, requests, always } = this.deps;
    const principal = this.#listening(request);
    if (principal === undefined) return false;
    const listener = listenerOf(principal, contextOf(request).address);
    if (!live.hasRoom(listener)) return false;
    const about = requests.follow(request, response);
    about.route = LIVE_PATH;
    about.principal = principal;
    for (const [name, value] of always) response.setHeader(name, value);
    response.setHeader('Vary', ASK_AGAIN.Vary);
    response.setHeader(REQUEST_ID, about.id);
    const lastEventId = request.headers['last-event-id'];
    void live.attach(response, listener, typeof lastEventId === 'string' ? lastEventId : undefined);
    return true;
  }

  #listening(request: IncomingMessage): Principal | undefined {
    try {
      return this.#live === undefined ? undefined : this.#principal(request, this.#live);
    } catch {
      // The usual way meets the same fault, and reports it.
      return undefined;
    }
  }
}

interface Found {
  readonly answer: PreparedAnswer;
  readonly route: string | undefined;
  /** Undefined for what everybody may read. */
  readonly principal?: Principal;
}
