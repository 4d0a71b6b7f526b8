import type { Request, Response } from 'express';
import { secret, type Secret } from '../../../kernel/secret.js';

/** 256 bits as base64url; longer for whatever else a session store gives. */
const VALUE = /^[A-Za-z0-9_-]{20,128}$/;
const MOST_HEADER = 8_192;

/** The cookie that a session is known by. Its value is never kept here. */
export class SessionCookie {
  constructor(
    /** Known once the web listens. */
    private readonly port: () => number,
    private readonly tls: boolean,
  ) {}

  /** Cookies ignore ports: the name distinguishes the bots of one machine. */
  get name(): string {
    return `${this.tls ? '__Host-' : ''}tradebot_session_${this.port()}`;
  }

  /** Undefined when there is none, when it cannot be one, or when there are several: then somebody planted one. */
  read(request: Request): Secret | undefined {
    const header = request.headers.cookie ?? '';
    if (header.length > MOST_HEADER) return undefined;
    const found = header
      .split(';')
      .map((pair) => pair.trim())
      .filter((pair) => pair.startsWith(`${this.name}=`))
      .map((pair) => pair.slice(this.name.length + 1));
    const [value] = found;
    return value !== undefined && found.length === 1 && VALUE.test(value) ? secret(value) : undefined;
  }

  set(response: Response, value: Secret): void {
    response.append('Set-Cookie', `${this.name}=${value.reveal()}; ${this.#attributes()}`);
  }

  clear(response: Response): void {
    response.append('Set-Cookie', `${this.name}=; ${this.#attributes()}; Max-Age=0`);
  }

  #attributes(): string {
    return `Path=/; HttpOnly; SameSite=Strict${this.tls ? '; Secure' : ''}`;
  }
}
