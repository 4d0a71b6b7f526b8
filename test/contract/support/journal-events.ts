import { streamName, type NewEvent, type RecordedEvent, type StreamName } from '../../../src/events/event.js';
import type { DecimalText } from '../../../src/kernel/decimal.js';
import { commandEventId } from '../../../src/kernel/hash.js';
import { parseBotIdentity } from '../../../src/kernel/identity.js';
import { parseUtcText, toUtcText, type DateText } from '../../../src/kernel/time.js';
import type { AppendResult } from '../../../src/ports/journal.js';

export const START = parseUtcText('2013-10-07T13:30:00.000Z');
export const BOT = parseBotIdentity('DEMO_US_SIM_B01');

const META = {
  correlationId: 'session-1',
  causationId: null,
  actor: 'system:test',
  botIdentity: BOT,
  sessionDate: '2013-10-07' as DateText,
} as const;

/** A small event; the same name gives the same bytes, another reason other bytes under the same id. */
export function reset(name: string, reason = `because ${name}`): NewEvent {
  return {
    id: commandEventId(START, name),
    type: 'KillSwitchReset',
    schemaVersion: 1,
    occurredAt: toUtcText(START),
    data: { reason },
    meta: META,
  };
}

/** An event of another type. */
export function float(name: string, amount = '1.00'): NewEvent {
  const text = amount as DecimalText;
  return {
    id: commandEventId(START, name),
    type: 'FloatSnapshotTaken',
    schemaVersion: 1,
    occurredAt: toUtcText(START),
    data: { cash: text, dailyAllocation: text, equity: text, float: text },
    meta: META,
  };
}

export function named(count: number, prefix = 'e'): readonly NewEvent[] {
  return Array.from({ length: count }, (_, index) => reset(`${prefix}${index}`));
}

/** The events of an append with their positions. */
export async function recorded(append: Promise<AppendResult>): Promise<readonly RecordedEvent[]> {
  return (await append).recorded();
}

export const ALPHA: StreamName = streamName('alpha', '1');
export const BETA: StreamName = streamName('beta', '1');
