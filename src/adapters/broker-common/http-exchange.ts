import { ClientRequest, request as httpRequest, type Agent as HttpAgent, type IncomingMessage } from 'node:http';
import { request as httpsRequest, type Agent as HttpsAgent } from 'node:https';
import { RunningTimer } from '../clock/running-timer.js';
import { causeText } from '../files/system-error.js';

export interface ExchangeOptions {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly agent: HttpAgent | HttpsAgent;
  readonly timeoutMs: number;
  readonly mostBytes: number;
}

/** What became of a request: `not sent` only when no byte of it can have reached the other side. */
export type Exchanged =
  | {
      readonly outcome: 'answered';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly text: string;
    }
  | { readonly outcome: 'not sent' | 'unanswered'; readonly cause: string };

/** Sends one request once; it never throws, follows no redirect and repeats nothing. */
export function exchangeOnce(options: ExchangeOptions): Promise<Exchanged> {
  return new Promise((resolve) => {
    const request = begun(options);
    if (!(request instanceof ClientRequest)) {
      resolve({ outcome: 'not sent', cause: request.cause });
      return;
    }
    let sent = false;
    const finish = (exchanged: Exchanged): void => {
      timer.cancel();
      resolve(exchanged);
    };
    const failed = (cause: string): void => finish({ outcome: sent ? 'unanswered' : 'not sent', cause });
    const timer = new RunningTimer(options.timeoutMs, () => {
      failed(`no answer within ${options.timeoutMs / 1_000} s`);
      request.destroy();
    });
    request.on('socket', (socket) => {
      // a kept connection takes the request at once; a new one when it is open
      if (!socket.connecting) sent = true;
      else socket.once(options.url.startsWith('https:') ? 'secureConnect' : 'connect', () => (sent = true));
    });
    request.on('error', (error) => failed(causeText(error)));
    request.on('response', (response) => collect(response, options.mostBytes, finish, failed));
    request.end(options.body);
  });
}

/** A key with a line feed, for example, makes no request at all. */
function begun({ url, method, headers, body, agent }: ExchangeOptions): ClientRequest | { readonly cause: string } {
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const settings = { method, headers: { ...headers, ...length }, agent };
  try {
    return url.startsWith('https:') ? httpsRequest(url, settings) : httpRequest(url, settings);
  } catch (error) {
    return { cause: `no request can be made of it: ${causeText(error)}` };
  }
}

function collect(
  response: IncomingMessage,
  mostBytes: number,
  finish: (exchanged: Exchanged) => void,
  failed: (cause: string) => void,
): void {
  const parts: Buffer[] = [];
  let bytes = 0;
  response.on('data', (part: Buffer) => {
    bytes += part.length;
    parts.push(part);
    if (bytes <= mostBytes) return;
    failed(`its answer is larger than ${mostBytes} bytes`);
    response.destroy();
  });
  response.on('error', (error) => failed(causeText(error)));
  response.on('close', () => failed('the connection ended in the middle of the answer'));
  response.on('end', () => {
    if (!response.complete) return;
    const headers = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
    const text = Buffer.concat(parts).toString('utf8');
    const fields = Object.fromEntries(headers) as Readonly<Record<string, string>>;
    finish({ outcome: 'answered', status: response.statusCode ?? 0, headers: fields, text });
  });
}
