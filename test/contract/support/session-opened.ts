import { currentVersion, type NewEvent } from '../../../src/events/event.js';
import { STREAMS } from '../../../src/events/streams.js';
import { naturalKeyId } from '../../../src/kernel/hash.js';
import type { BotIdentity } from '../../../src/kernel/identity.js';
import { dateOf, epochMs, toUtcText } from '../../../src/kernel/time.js';
import type { Journal } from '../../../src/ports/journal.js';

/** A session that is open until `closesAt` (epoch milliseconds). */
export async function appendSessionOpened(journal: Journal, identity: BotIdentity, closesAt: number): Promise<void> {
  const end = epochMs(closesAt);
  const date = dateOf(end);
  const opensAt = toUtcText(epochMs(closesAt - 6 * 3_600_000));
  const event = {
    id: naturalKeyId('test-session', date),
    type: 'SessionOpened',
    schemaVersion: currentVersion('SessionOpened'),
    occurredAt: opensAt,
    data: {
      date,
      opensAt,
      closesAt: toUtcText(end),
      halfDay: false,
      broker: 'SIM',
      feed: { kind: 'synthetic', description: 'x', seed: 1, symbols: ['SPY'], sha256: '0'.repeat(64) },
      brokerSeed: 1,
      floatAtStart: '25000.00',
      openingEquity: '25000.00',
      sessionCap: '500.00',
      settingsSha256: '0'.repeat(64),
      versionTag: '0.1.0',
    },
    meta: { correlationId: 'test', causationId: null, actor: 'system:test', botIdentity: identity, sessionDate: date },
  } as unknown as NewEvent;
  await journal.append(STREAMS.session(date), [event], { expectedRevision: 'any' });
}
