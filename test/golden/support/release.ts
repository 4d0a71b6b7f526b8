import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SqliteJournal } from '../../../src/adapters/journal-sqlite/sqlite-journal.js';
import { currentVersion, isEventType, streamName, type NewEvent } from '../../../src/events/event.js';
import { EVENT_SCHEMAS } from '../../../src/events/generated/schemas.js';
import { commandEventId } from '../../../src/kernel/hash.js';
import { toUtcText } from '../../../src/kernel/time.js';
import { BOT, START } from '../../contract/support/journal-events.js';
import type { Schema } from './growth.js';

export const GOLDEN = join(dirname(fileURLToPath(import.meta.url)), '..');
const SCHEMAS = join(GOLDEN, '../../event-schemas');

/** The content of test/golden/schemas.json: the shape of every released event schema, without descriptions. */
export interface ReleasedSchemas {
  /** Version of TradeBot that froze them last. */
  readonly release: string;
  readonly schemas: Readonly<Record<string, Schema>>;
}

export function releasedSchemas(): ReleasedSchemas {
  return JSON.parse(readFileSync(join(GOLDEN, 'schemas.json'), 'utf8')) as ReleasedSchemas;
}

export function currentSchemas(): Readonly<Record<string, Schema>> {
  return EVENT_SCHEMAS as Readonly<Record<string, Schema>>;
}

/** The version of this tree, as package.json says it. */
export function thisVersion(): string {
  const text = readFileSync(join(GOLDEN, '../../package.json'), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}

/** Folders of frozen journals, one a release. */
export function frozenReleases(): readonly string[] {
  const entries = readdirSync(join(GOLDEN, 'journals'), { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory() && entry.name.startsWith('v')).map((entry) => entry.name);
}

/** Appends every example of every event schema, each type in a stream of its own; returns how many there were. */
export async function appendEveryExample(journal: SqliteJournal): Promise<number> {
  let count = 0;
  for (const { type, examples } of examplesByType()) {
    const events = examples.map((data, index) => eventOf(type, data, index));
    await journal.append(streamName('golden', type), events, { expectedRevision: 'noStream' });
    count += events.length;
  }
  return count;
}

/** The examples of the newest schema of each event type. */
export function examplesByType(): readonly { readonly type: string; readonly examples: readonly unknown[] }[] {
  const contexts = readdirSync(SCHEMAS, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return contexts.flatMap((context) =>
    readdirSync(join(SCHEMAS, context.name)).flatMap((name) => {
      const [type = '', version] = name.split('.v');
      if (!isEventType(type) || version !== `${currentVersion(type)}.json`) return [];
      const schema = JSON.parse(readFileSync(join(SCHEMAS, context.name, name), 'utf8')) as {
        readonly examples: readonly unknown[];
      };
      return [{ type, examples: schema.examples }];
    }),
  );
}

function eventOf(type: string, data: unknown, index: number): NewEvent {
  if (!isEventType(type)) throw new Error(`${type} is not an event type`);
  return {
    id: commandEventId(START, 'golden', type, String(index)),
    type,
    schemaVersion: currentVersion(type),
    occurredAt: toUtcText(START),
    data,
    meta: { correlationId: 'golden', causationId: null, actor: 'system:test', botIdentity: BOT, sessionDate: null },
  } as NewEvent;
}
