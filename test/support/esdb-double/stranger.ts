import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { EventStoreDBClient, binaryEvent } from '@eventstore/db-client';
import type { AllStreamRecordedEvent, JSONType, RecordedEvent } from '@eventstore/db-client';
import { metastreamOf, parseMetadata, type StreamMetadata } from './stream-metadata.js';

export interface StrangeEvent {
  readonly id?: string;
  readonly type?: string;
  /** The exact bytes. */
  readonly data?: string;
  readonly metadata?: string;
}

/** An event as the official client reads it; `commit` is -1 where a server reports no position. */
export interface SeenEvent {
  readonly stream: string;
  readonly revision: bigint;
  readonly type: string;
  readonly id: string;
  readonly commit: bigint;
  /** Data and metadata as the client shows them. */
  readonly text: string;
}

const CLOSE_LIMIT_MS = 2_000;

/**
 * Another program on the same server, or its administrator, with the official client: what it does reaches a real server
 * and the double alike.
 */
export class Stranger {
  readonly client: EventStoreDBClient;

  constructor(url: string) {
    this.client = EventStoreDBClient.connectionString(url);
  }

  /** Resolves with the revision of the last event. */
  async append(stream: string, ...events: readonly StrangeEvent[]): Promise<number> {
    const wires = events.map(({ id = randomUUID(), type = 'Theirs', data = '{}', metadata }) =>
      binaryEvent({
        id,
        type,
        data: Buffer.from(data),
        ...(metadata === undefined ? {} : { metadata: Buffer.from(metadata) }),
      }),
    );
    const { nextExpectedRevision } = await this.client.appendToStream(stream, wires);
    return Number(nextExpectedRevision);
  }

  /** Writes the metadata of a stream; the keys are those of the server, such as `$tb`. */
  async setMetadata(stream: string, metadata: StreamMetadata): Promise<void> {
    const data = metadata as Record<string, JSONType>;
    await this.client.appendToStream(metastreamOf(stream), [
      { id: randomUUID(), type: '$metadata', contentType: 'application/json', data, metadata: undefined },
    ]);
  }

  /** undefined for a stream that has none. */
  async metadataOf(stream: string): Promise<StreamMetadata | undefined> {
    try {
      const last = { direction: 'backwards', fromRevision: 'end', maxCount: 1 } as const;
      for await (const { event } of this.client.readStream(metastreamOf(stream), last)) {
        if (event !== undefined) return parseMetadata(textOf(event.data));
      }
      return undefined;
    } catch (error) {
      if (typeof error === 'object' && error !== null && 'type' in error && error.type === 'stream-not-found')
        return undefined;
      throw error;
    }
  }

  async softDelete(stream: string): Promise<void> {
    await this.client.deleteStream(stream);
  }

  async tombstone(stream: string): Promise<void> {
    await this.client.tombstoneStream(stream);
  }

  /** The visible events of a stream; rejects with the client's error for one that is absent or deleted. */
  async read(stream: string): Promise<readonly SeenEvent[]> {
    const seen: SeenEvent[] = [];
    for await (const { event } of this.client.readStream(stream)) if (event !== undefined) seen.push(seenOf(event));
    return seen;
  }

  /** The events of the log whose stream has this prefix, those of `$$<prefix>` included; walks the whole log. */
  async log(prefix: string): Promise<readonly SeenEvent[]> {
    const seen: SeenEvent[] = [];
    for await (const { event } of this.client.readAll()) {
      const name = event?.streamId.replace(/^\$\$/, '');
      if (event !== undefined && name?.startsWith(prefix) === true) seen.push(seenOf(event));
    }
    return seen;
  }

  /** The events of the log whose stream has this prefix, without metadata and those of the server itself. */
  async events(prefix: string): Promise<readonly SeenEvent[]> {
    return (await this.log(prefix)).filter(({ stream, type }) => stream.startsWith(prefix) && !type.startsWith('$'));
  }

  /** Bounded: the client waits for ever for a call that a stopped server does not end. */
  async end(): Promise<void> {
    const limit = new AbortController();
    const late = pause(CLOSE_LIMIT_MS, undefined, { signal: limit.signal }).catch(() => undefined);
    await Promise.race([this.client.dispose(), late]).finally(() => limit.abort());
    const channel = await this.client['getChannel']().catch(() => undefined);
    channel?.close();
  }
}

function seenOf(event: AllStreamRecordedEvent | RecordedEvent): SeenEvent {
  const { streamId: stream, revision, type, id, position, data, metadata } = event;
  return { stream, revision, type, id, commit: position?.commit ?? -1n, text: textOf(data) + textOf(metadata) };
}

function textOf(content: unknown): string {
  if (content instanceof Uint8Array) return Buffer.from(content).toString('utf8');
  return content === undefined ? '' : JSON.stringify(content);
}
