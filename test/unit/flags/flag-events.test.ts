import { describe, expect, test } from '@jest/globals';
import { MemoryJournal } from '../../../src/adapters/journal-memory/memory-journal.js';
import { VirtualClock } from '../../../src/adapters/clock/virtual-clock.js';
import { flagEventId, type FlagFile, type FlagOutcome } from '../../../src/app/flags/flag.js';
import { FlagEvents } from '../../../src/app/flags/flag-events.js';
import { EventAppender } from '../../../src/app/journal/event-appender.js';
import { FlagOutcomes } from '../../../src/app/live/flag-outcomes.js';
import { obeyed, type CommandOutcome, type EngineCommand } from '../../../src/app/live/commands.js';
import { composeBotIdentity } from '../../../src/kernel/identity.js';
import { epochMs, toUtcText } from '../../../src/kernel/time.js';

const identity = composeBotIdentity({ entityCode: 'DEMO', jurisdictionCode: 'US', brokerCode: 'SIM', botId: 'B01' });
const flag: FlagFile = {
  name: 'control_kill.flag',
  identity: '1:2:3:new',
  madeAt: epochMs(7),
  content: { text: '' },
  provenBy: null,
};
const outcomeOf = (reason: string): FlagOutcome => ({
  flag: flag.name,
  command: 'kill',
  by: null,
  outcome: 'obeyed',
  reason,
  flagAt: toUtcText(flag.madeAt),
});

describe('main and the engine read one flag', () => {
  test('the first to record it decides the outcome, and the other writes nothing', async () => {
    const clock = new VirtualClock(epochMs(1_000));
    const journal = new MemoryJournal({ clock });
    const of = (actor: 'system:main' | 'system:engine'): FlagEvents =>
      new FlagEvents({ journal, appender: new EventAppender({ journal, clock, identity, actor }) });
    const [main, engine] = [of('system:main'), of('system:engine')];
    await Promise.all([main.load(), engine.load()]);
    await engine.consumed(flag, outcomeOf('the engine read it'));
    clock.advanceTo(epochMs(2_000));
    await main.consumed(flag, outcomeOf('main came back'));
    const events = await journal.readAll();
    expect(events.map(({ data, meta }) => [meta.actor, data])).toEqual([
      ['system:engine', outcomeOf('the engine read it')],
    ]);
    expect([main.isConsumed(flagEventId(flag)), engine.isConsumed(flagEventId(flag))]).toEqual([true, true]);
  });

  test('an event of the other process is known as soon as it is followed', async () => {
    const clock = new VirtualClock(epochMs(1_000));
    const journal = new MemoryJournal({ clock });
    const appender = new EventAppender({ journal, clock, identity, actor: 'system:engine' });
    const [main, engine] = [new FlagEvents({ journal, appender }), new FlagEvents({ journal, appender })];
    await engine.consumed(flag, outcomeOf('the engine read it'));
    expect(main.isConsumed(flagEventId(flag))).toBe(false);
    for (const event of await journal.readAll()) main.follow(event);
    expect(main.isConsumed(flagEventId(flag))).toBe(true);
  });

  test('the engine executes a flag once that comes in two ways', async () => {
    const outcomes = new FlagOutcomes();
    const executed: string[] = [];
    let end: (outcome: CommandOutcome) => void = () => undefined;
    const execute = (command: EngineCommand): Promise<CommandOutcome> => {
      executed.push(command.kind);
      return new Promise((resolve) => (end = resolve));
    };
    const kill = { kind: 'kill', reason: 'test', actor: 'user:u1', flag: flagEventId(flag) } as const;
    const both = [outcomes.share(kill, execute), outcomes.share({ ...kill, reason: 'again' }, execute)];
    end(obeyed('once'));
    expect(await Promise.all(both)).toEqual([obeyed('once'), obeyed('once')]);
    expect(await outcomes.share(kill, execute)).toEqual(obeyed('once'));
    expect(executed).toEqual(['kill']);
    const other = outcomes.share({ kind: 'kill', reason: 'by the watchdog', actor: 'system:watchdog' }, execute);
    end(obeyed('a command without a flag is always executed'));
    await other;
    expect(executed).toEqual(['kill', 'kill']);
  });

  test('a flag that an ending engine left open is executed when it comes again', async () => {
    const outcomes = new FlagOutcomes();
    const stop = { kind: 'stop', reason: 'test', actor: 'user:u1', flag: flagEventId(flag) } as const;
    await expect(outcomes.share(stop, () => Promise.reject(new Error('it ended')))).rejects.toThrow('it ended');
    expect(await outcomes.share(stop, () => Promise.resolve(obeyed('now')))).toEqual(obeyed('now'));
  });
});
