import type { Position } from '../../events/event.js';
import { journalError } from '../../kernel/errors.js';

const DIGITS = 16;
const SHAPE = /^\d{16}$/;

/** 1 is `0000000000000001`: text order is number order, as the port promises. */
export function positionText(position: number): Position {
  return String(position).padStart(DIGITS, '0') as Position;
}

/** Throws `BAD_POSITION` for a text that no embedded journal has issued. */
export function positionNumber(position: Position): number {
  if (!SHAPE.test(position)) {
    throw journalError('refuse', {
      code: 'BAD_POSITION',
      message: `"${position.slice(0, 60)}" is not a position of this journal`,
      remedy: 'Pass a position exactly as an event or the head of this journal has it.',
    });
  }
  return Number(position);
}
