/** What a route answers. */
export interface Answer {
  readonly status: number;
  /** Undefined: an answer without a body. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, string | boolean | undefined>>;
}

export const ok = (body: unknown): Answer => ({ status: 200, body });

export const fault = (status: number, code: number, message: string, extras: object = {}): Answer => ({
  status,
  body: { code, message, ...extras },
});
