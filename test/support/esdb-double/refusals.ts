import grpc from '@grpc/grpc-js';

/** The most that one append may hold, as servers are configured unless somebody changes it. */
export const MAX_APPEND_SIZE = 1_048_576;
export const MAX_APPEND_EVENTS = 4_095;

/** An error as gRPC sends it. */
export interface Refusal {
  readonly code: number;
  readonly details: string;
  readonly metadata?: InstanceType<typeof grpc.Metadata>;
  /** How the answer to a batch append names it; without one the whole line of batch appends fails. */
  readonly inBatch?: 'AccessDenied' | 'StreamDeleted' | 'MaximumAppendSizeExceeded' | 'Timeout' | 'BadRequest';
}

const { status } = grpc;

function named(exception: string, more: Readonly<Record<string, string>> = {}): InstanceType<typeof grpc.Metadata> {
  const metadata = new grpc.Metadata();
  metadata.set('exception', exception);
  for (const [key, value] of Object.entries(more)) metadata.set(key, value);
  return metadata;
}

export function denied(): Refusal {
  const metadata = named('access-denied');
  return { code: status.PERMISSION_DENIED, details: 'Access Denied', metadata, inBatch: 'AccessDenied' };
}

export function unauthenticated(): Refusal {
  return { code: status.UNAUTHENTICATED, details: 'Unauthenticated' };
}

export function unavailable(): Refusal {
  return { code: status.UNAVAILABLE, details: 'Server Is Too Busy' };
}

/** While a node starts, or when no node leads. */
export function notReady(): Refusal {
  return { code: status.UNAVAILABLE, details: 'Server Is Not Ready', inBatch: 'BadRequest' };
}

export function deadline(): Refusal {
  return { code: status.DEADLINE_EXCEEDED, details: 'Deadline Exceeded', inBatch: 'Timeout' };
}

export function aborted(): Refusal {
  return { code: status.ABORTED, details: 'Operation timed out. Details: Commit phase timeout', inBatch: 'Timeout' };
}

export function diskFull(): Refusal {
  return { code: status.UNKNOWN, details: 'There is not enough space on the disk', inBatch: 'BadRequest' };
}

export function notLeader(leaderPort: number): Refusal {
  const metadata = named('not-leader', {
    'leader-endpoint-host': '127.0.0.1',
    'leader-endpoint-port': String(leaderPort),
  });
  return { code: status.NOT_FOUND, details: 'Leader info available', metadata };
}

export function streamDeleted(stream: string): Refusal {
  const metadata = named('stream-deleted', { 'stream-name': stream });
  const details = `Event stream '${stream}' is deleted.`;
  return { code: status.FAILED_PRECONDITION, details, metadata, inBatch: 'StreamDeleted' };
}

export function tooLarge(): Refusal {
  const metadata = named('maximum-append-size-exceeded', { 'maximum-append-size': String(MAX_APPEND_SIZE) });
  const details = `Maximum Append Size of ${MAX_APPEND_SIZE} Exceeded.`;
  return { code: status.INVALID_ARGUMENT, details, metadata, inBatch: 'MaximumAppendSizeExceeded' };
}

/** Of a delete; an append has an answer of its own for it. */
export function wrongVersion(stream: string, expected: string, actual: number | null): Refusal {
  const metadata = named('wrong-expected-version', {
    'stream-name': stream,
    'expected-version': expected,
    'actual-version': String(actual ?? -1),
  });
  return { code: status.FAILED_PRECONDITION, details: 'WrongExpectedVersion', metadata };
}

/** A request without options, which no client sends. */
export function badRequest(): Refusal {
  return { code: status.INVALID_ARGUMENT, details: 'The request has no options.' };
}
