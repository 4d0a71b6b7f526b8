import { makeFolders } from '../../adapters/files/make-folders.js';
import { openTelemetry, type Telemetry } from '../../adapters/telemetry/telemetry.js';
import { invariant, TradeBotError } from '../../kernel/errors.js';
import { basePaths } from '../../domain/home/home-paths.js';
import type { Child, ChildBody } from '../ipc/child.js';
import { tracebackOf } from '../ipc/plain-error.js';
import { LogBudget } from './common/log-budget.js';
import type { WebLog } from './common/web-log.js';
import { WebContext } from './web-context.js';
import { isLoopback } from './listening.js';
import { startWebServer } from './web-server.js';

/** Requests that run may end within this part of the time that main gives. */
const CLOSE_SHARE = 0.5;
/** SEC-16. */
const PLAIN_REMOTE =
  'Passwords and sessions cross the network unencrypted: give the web a certificate, or bind 127.0.0.1.';

/** The web process (RUN-1): listens at once, and serves what the state of the bot allows as it changes. */
export async function startWeb(child: Child): Promise<ChildBody> {
  const { init } = child;
  const { web } = init;
  invariant(web !== null, 'WEB_INIT_MISSING', 'the web process was started without its address');
  const { clock, steady } = child;
  const base = basePaths(init.home);
  makeFolders(base.output.systemLogs, 0o755);
  const telemetry = openTelemetry({ path: base.output.systemLog('auth_web'), steady, world: clock, process: 'web' });
  let address = '';
  const context = new WebContext({
    // The token is for the gatekeeper of the server, which keeps no more than its digest.
    ...{ init: { ...init, web: { ...web, setupToken: null } } },
    ...{ clock, log: webLogOf(telemetry), address: () => address },
    ask: (ask, withinMs) => child.ask(ask, withinMs),
  });
  const server = await startWebServer({ web, context });
  address = server.address;
  const warning = web.tls === null && !isLoopback(web.host) ? PLAIN_REMOTE : undefined;
  if (warning !== undefined) context.log.note('warn', warning);
  try {
    await context.start();
  } catch (error) {
    await server.close(0);
    throw error;
  }
  return {
    figures: () => ({
      address: server.address,
      requests: String(server.requests()),
      sessions: String(context.openSessions() ?? 0),
      listeners: String(context.live.clients),
      ...(warning === undefined ? {} : { warning }),
    }),
    stop: async ({ withinMs }) => {
      await server.close(withinMs * CLOSE_SHARE);
      await context.close();
      await telemetry.close();
    },
  };
}

/** Requests that only read and succeed are logged at `debug`: pages send many. */
function webLogOf(telemetry: Telemetry): WebLog {
  return new LogBudget({
    request: (record) => {
      const routine = record.status < 400 && ['GET', 'HEAD'].includes(record.method);
      telemetry[routine ? 'debug' : 'info']('request', { ...record });
    },
    failure: ({ request, code, error }) => {
      const why = error instanceof TradeBotError ? { message: error.line } : { traceback: tracebackOf(error) };
      telemetry.error('request failed', { request, code, ...why });
    },
    note: (level, text) => telemetry[level](text),
  });
}
