import { beforeEach, describe, expect, test } from '@jest/globals';
import { Backlog, type SentEvent } from '../../../src/processes/web/live/backlog.js';
import type { Position } from '../../../src/events/event.js';

const MOST = 4;
const OPENING = 'retry\n';

let backlog: Backlog;
beforeEach(() => {
  backlog = new Backlog(MOST, OPENING);
});

const sent = (...positions: readonly number[]): readonly SentEvent[] =>
  positions.map((position) => ({ position: String(position) as Position, text: `<${position}>` }));
const add = (...positions: readonly number[]): void => sent(...positions).forEach((event) => backlog.add(event));
const after = (id: number): string | undefined => backlog.after(String(id))?.toString();
const texts = (...positions: readonly number[]): string => `${OPENING}${positions.map((n) => `<${n}>`).join('')}`;

describe('what who resumes has missed', () => {
  test('is what came after the last event that it has', () => {
    add(1, 3, 5);
    expect([after(1), after(3), after(5)]).toEqual([texts(3, 5), texts(5), texts()]);
    add(7);
    expect([after(1), after(5), after(7)]).toEqual([texts(3, 5, 7), texts(7), texts()]);
  });

  test('is not known here for an id that no event has', () => {
    expect(after(2)).toBeUndefined();
    add(1, 3);
    expect([after(0), after(2), after(4)]).toEqual([undefined, undefined, undefined]);
  });

  test('is too much beyond the limit, and events beyond it are let go', () => {
    add(1, 2, 3, 4, 5);
    expect([after(1), after(2)]).toEqual([texts(2, 3, 4, 5), texts(3, 4, 5)]);
    add(6);
    expect([after(1), after(2)]).toEqual([undefined, texts(3, 4, 5, 6)]);
    add(7, 8, 9);
    expect([after(2), after(5)]).toEqual([undefined, texts(6, 7, 8, 9)]);
  });
});

describe('what was read of the journal', () => {
  test('is known the next time, by the id that was asked for', () => {
    backlog.learn('2', sent(3, 5));
    expect([after(2), after(3)]).toEqual([texts(3, 5), texts(5)]);
    expect(after(1)).toBeUndefined();
  });

  test('comes before what was published, without a repeated event', () => {
    add(5, 7);
    backlog.learn('2', sent(3, 5, 7));
    expect([after(2), after(3), after(5)]).toEqual([texts(3, 5, 7), texts(5, 7), texts(7)]);
  });

  test('joins what was published after it was read', () => {
    add(7);
    backlog.learn('2', sent(3, 5));
    expect(after(2)).toBe(texts(3, 5, 7));
  });

  test('before it is published is there once', () => {
    backlog.learn('2', sent(3, 5));
    add(3, 5, 7);
    expect(after(2)).toBe(texts(3, 5, 7));
  });

  test('within what is there adds nothing but the id', () => {
    add(3, 5, 7);
    backlog.learn('4', sent(5, 7));
    expect([after(4), after(3)]).toEqual([texts(5, 7), texts(5, 7)]);
  });

  test('and found empty says nothing, as the next event may come at any time', () => {
    backlog.learn('9', []);
    expect(after(9)).toBeUndefined();
  });

  test('is forgotten when the order is in doubt', () => {
    add(3, 5);
    backlog.learn('2', sent(3, 5));
    backlog.forget();
    expect([after(2), after(3)]).toEqual([undefined, undefined]);
    add(7);
    expect(after(2)).toBeUndefined();
  });
});
