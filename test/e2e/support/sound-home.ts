import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect } from '@jest/globals';
import Database from 'better-sqlite3';
import { mayChange, type BotState } from '../../../src/domain/lifecycle/bot-state.js';
import { CANARY, type Chaos } from './chaos.js';
import { PASSWORD } from './live-bot.js';
import { pathsOf, tradebot } from './program.js';

interface EventLine {
  readonly type: string;
  readonly position: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Event count and findings, for the log of a soak. */
export type Findings = Readonly<Record<string, number>>;

/**
 * Invariants of a home after any history: journal, projections, books, valid state transitions, nothing sent
 * or posted or executed twice, no secret anywhere. The bot is stopped.
 */
export async function expectSoundHome({ home, bot }: Pick<Chaos, 'home' | 'bot'>): Promise<Findings> {
  expectNoSecret(home, bot.said);
  const verified = await tradebot('verify', '--home', home);
  expect([verified.code, verified.err]).toEqual([0, '']);
  const checked = await tradebot('rebuild', 'all', '--check', '--home', home);
  expect([checked.code, checked.out, checked.err]).toEqual([0, checked.out, expect.any(String)]);
  const events = await eventsOf(home);
  expectOnePath(events);
  expectOnce(events);
  return { events: events.length, ...countOf(events), ...expectBalancedBooks(home) };
}

async function eventsOf(home: string): Promise<readonly EventLine[]> {
  const { code, out } = await tradebot('events', '--home', home);
  expect(code).toBe(0);
  return out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as EventLine);
}

function of(events: readonly EventLine[], type: string): readonly EventLine[] {
  return events.filter((event) => event.type === type);
}

/** RUN-11: each state follows from the previous one by a transition of the table. */
function expectOnePath(events: readonly EventLine[]): void {
  let at: BotState = 'initialize';
  for (const { data, position } of of(events, 'BotStateChanged')) {
    const from = data['from'] as BotState;
    const to = data['to'] as BotState;
    expect({ position, from, known: mayChange(from, to) }).toEqual({ position, from: at, known: true });
    at = to;
  }
}

/** P2: orders, executions, sessions and days are recorded once. */
function expectOnce(events: readonly EventLine[]): void {
  const once = (type: string, ...keys: readonly string[]): void => {
    const seen = of(events, type).map(({ data }) => keys.map((key) => String(data[key])).join('/'));
    expect(seen).toEqual([...new Set(seen)]);
  };
  once('OrderIntended', 'clientOrderId');
  once('OrderSubmitted', 'clientOrderId');
  once('OrderFilled', 'executionId');
  once('SessionOpened', 'date');
  once('SessionClosed', 'date');
  once('DailySummaryCompiled', 'date');
  once('SecretsRotated', 'generation');
  once('UserRegistered', 'userId');
  const broken = of(events, 'ReconciliationCompleted').filter(({ data }) => data['ok'] !== true);
  expect(broken).toEqual([]);
}

function expectBalancedBooks(home: string): Findings {
  const db = new Database(pathsOf(home).output.ledgerDb, { readonly: true });
  try {
    const off = db.prepare('SELECT group_id FROM legs GROUP BY group_id HAVING sum(debit) <> sum(credit)').all();
    expect(off).toEqual([]);
    const { groups } = db.prepare<[], { groups: number }>('SELECT count(*) AS groups FROM groups').get() ?? {
      groups: 0,
    };
    return { groups };
  } finally {
    db.close();
  }
}

function countOf(events: readonly EventLine[]): Findings {
  const counts: Record<string, number> = {};
  const reported = [
    'SessionClosed',
    'OrderFilled',
    'ProcessCrashed',
    'ControlFlagConsumed',
    'ConfigChanged',
    'SecretsRotated',
    'BackupCompleted',
  ];
  for (const type of [...reported, 'LoginSucceeded', 'LoginFailed', 'ErrorRecorded', 'ClockJumped']) {
    counts[type] = of(events, type).length;
  }
  return counts;
}

const WALK_LIMIT = 50_000;

/** SEC-5: nothing that was printed, answered or written has a secret in it, databases and logs included. */
export function expectNoSecret(home: string, said: readonly string[]): void {
  const where: string[] = [];
  const look = (name: string, text: string): void => {
    for (const canary of [CANARY, PASSWORD]) if (text.includes(canary)) where.push(`${name} has ${canary}`);
  };
  said.forEach((text, at) => {
    look(`answer ${at}: ${text.slice(0, 80)}`, text);
  });
  for (const path of filesUnder(home)) look(relative(home, path), readFileSync(path, 'latin1'));
  expect(where).toEqual([]);
}

function filesUnder(folder: string): readonly string[] {
  const files: string[] = [];
  const walk = (at: string): void => {
    if (files.length > WALK_LIMIT || !existsSync(at)) return;
    for (const name of readdirSync(at)) {
      const path = join(at, name);
      const stats = lstatSync(path);
      if (stats.isDirectory()) walk(path);
      else if (stats.isFile()) files.push(path);
    }
  };
  walk(folder);
  return files;
}
