import type { Position } from '../../events/event.js';
import { journalError } from '../../kernel/errors.js';

const DIGITS = 16;
const SHAPE = /^\d{16}$/;

/** 1 is `0000000000000001`: text order is number order, as the port promises. */
export function positionText(position: number): Position {
  return String(position).padStart(DIGITS, '0') as Position;
}

/** Refuses with `BAD_POSITION` what no embedded journal has given out. */
export function positionNumber(position: Position): number {
  if (!SHAPE.test(position)) {
    throw journalError('refuse', {
      code: 'BAD_POSITION',
      message: `"${position.slice(0, 60)}" is not a position of this journal`,
      remedy: 'Pass a position as an event or the head of this journal carried it.',
    });
  }
  return Number(position);
}
