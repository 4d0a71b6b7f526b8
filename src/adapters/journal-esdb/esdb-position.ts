import type { Position } from '../../events/event.js';
import { journalError } from '../../kernel/errors.js';

/** A position in the log of the server: it grows, but is neither dense nor the same on another cluster. */
export interface LogPosition {
  readonly commit: bigint;
  readonly prepare: bigint;
}

const DIGITS = 20;
const SHAPE = /^(\d{20})-(\d{20})$/;
/** The server writes -1 (all bits set) for an unknown position, as older ones do when a stream is read. */
const UNKNOWN_FROM = 1n << 63n;

/** Both numbers at full width, so that text order is log order. */
export function positionText(position: LogPosition): Position {
  const commit = String(position.commit).padStart(DIGITS, '0');
  return `${commit}-${String(position.prepare).padStart(DIGITS, '0')}` as Position;
}

/** False for a position of another kind of journal. */
export function isLogPosition(position: Position): boolean {
  return SHAPE.test(position);
}

/** Throws `BAD_POSITION` for a text that no EventStoreDB journal has issued. */
export function logPosition(position: Position): LogPosition {
  const parts = SHAPE.exec(position);
  if (parts === null) {
    throw journalError('refuse', {
      code: 'BAD_POSITION',
      message: `"${position.slice(0, 60)}" is not a position of this journal`,
      remedy: 'Pass a position exactly as an event or the head of this journal has it.',
    });
  }
  return { commit: BigInt(parts[1] ?? ''), prepare: BigInt(parts[2] ?? '') };
}

/** From the wire format; null when the server did not report it. */
export function knownPosition(commit: string, prepare: string): LogPosition | null {
  const position = { commit: BigInt(commit), prepare: BigInt(prepare) };
  return position.commit >= UNKNOWN_FROM || position.prepare >= UNKNOWN_FROM ? null : position;
}

export function isAfter(a: LogPosition, b: LogPosition): boolean {
  return a.commit > b.commit || (a.commit === b.commit && a.prepare > b.prepare);
}
