import type { IncomingMessage } from 'node:http';
import type { Response } from 'express';
import { DEVICE_DAYS } from '../../../app/access/devices.js';
import { secret, type Secret } from '../../../kernel/secret.js';
import { DAY_MS, SECOND_MS } from '../../../kernel/time.js';

/** 256 bits as base64url; longer for whatever else a session store gives. */
const VALUE = /^[A-Za-z0-9_-]{20,128}$/;
const MOST_HEADER = 8_192;

/** What the cookies of the bots on one machine differ by: cookies ignore ports, so the name has it. */
interface CookieBase {
  /** Known once the web listens. */
  readonly port: () => number;
  readonly tls: boolean;
}

/** The cookie that a session is known by. Its value is never kept here. */
export class SessionCookie {
  readonly #base: CookieBase;

  constructor(port: () => number, tls: boolean) {
    this.#base = { port, tls };
  }

  get name(): string {
    return `${this.#base.tls ? '__Host-' : ''}tradebot_session_${this.#base.port()}`;
  }

  read(request: Pick<IncomingMessage, 'headers'>): Secret | undefined {
    return readCookie(request, this.name);
  }

  set(response: Response, value: Secret): void {
    response.append('Set-Cookie', `${this.name}=${value.reveal()}; Path=/; ${attributes(this.#base)}`);
  }

  clear(response: Response): void {
    response.append('Set-Cookie', `${this.name}=; Path=/; ${attributes(this.#base)}; Max-Age=0`);
  }
}

/** Only the endpoints of the log-in and of the own account get it. */
const DEVICE_PATH = '/api/auth';
const DEVICE_SECONDS = (DEVICE_DAYS * DAY_MS) / SECOND_MS;

/** The cookie that a device is known by, in which a user logged in before. It is no proof of the user. */
export class DeviceCookie {
  readonly #base: CookieBase;

  constructor(port: () => number, tls: boolean) {
    this.#base = { port, tls };
  }

  get name(): string {
    return `${this.#base.tls ? '__Secure-' : ''}tradebot_device_${this.#base.port()}`;
  }

  read(request: Pick<IncomingMessage, 'headers'>): Secret | undefined {
    return readCookie(request, this.name);
  }

  set(response: Response, value: Secret): void {
    const lasting = `Path=${DEVICE_PATH}; ${attributes(this.#base)}; Max-Age=${DEVICE_SECONDS}`;
    response.append('Set-Cookie', `${this.name}=${value.reveal()}; ${lasting}`);
  }
}

/** Undefined when there is none, when it cannot be one, or when there are several: then somebody planted one. */
function readCookie(request: Pick<IncomingMessage, 'headers'>, name: string): Secret | undefined {
  const header = request.headers.cookie;
  if (header === undefined || header.length > MOST_HEADER) return undefined;
  let value: string | undefined;
  for (const part of header.split(';')) {
    const pair = part.trim();
    if (!pair.startsWith(name) || pair[name.length] !== '=') continue;
    if (value !== undefined) return undefined;
    value = pair.slice(name.length + 1);
  }
  return value !== undefined && VALUE.test(value) ? secret(value) : undefined;
}

function attributes({ tls }: CookieBase): string {
  return `HttpOnly; SameSite=Strict${tls ? '; Secure' : ''}`;
}
