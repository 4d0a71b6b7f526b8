import { TradeBotError } from '../../kernel/errors.js';
import { withoutCredentials } from '../../kernel/credentials.js';
import type { PlainError } from './messages.js';

const LONGEST_STACK = 16_000;

/** Any thrown thing as it crosses a process: no stack, no secret. */
export function plainErrorOf(thrown: unknown): PlainError {
  if (thrown instanceof TradeBotError) {
    const { kind, code, message, remedy, details } = thrown;
    return { kind, code, message: withoutCredentials(message), remedy, details };
  }
  return {
    kind: 'LogicError',
    code: 'INTERNAL',
    message: withoutCredentials(messageOf(thrown)),
    remedy: 'This is a defect of TradeBot: the stack is in error_tracebacks.log.',
    details: {},
  };
}

/** The stack without credentials, shortened. */
export function tracebackOf(thrown: unknown): string {
  const stack =
    typeof thrown === 'object' && thrown !== null && 'stack' in thrown ? String(thrown.stack) : messageOf(thrown);
  return withoutCredentials(stack, LONGEST_STACK);
}

/** An error that came over from another process, as one of this. */
export function errorFrom(plain: PlainError): TradeBotError {
  const { kind, code, message, remedy, details } = plain;
  return new TradeBotError(kind, 'refuse', { code, message, remedy, details });
}

function messageOf(thrown: unknown): string {
  return typeof thrown === 'object' && thrown !== null && 'message' in thrown ? String(thrown.message) : String(thrown);
}
