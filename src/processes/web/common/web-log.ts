/** One request as it is logged: no values of queries, no bodies (SEC-5). */
export interface RequestRecord {
  readonly request: string;
  readonly method: string;
  /** The pattern of the route; null when there is none. */
  readonly route: string | null;
  readonly status: number;
  /** Milliseconds. */
  readonly ms: number;
  readonly userId: string | null;
}

export interface FailureRecord {
  readonly request: string;
  readonly code: string;
  readonly error: unknown;
}

/** auth_web.log. */
export interface WebLog {
  request(record: RequestRecord): void;
  failure(record: FailureRecord): void;
  /** A line about the process itself. */
  note(level: 'info' | 'warn' | 'error', text: string): void;
}
