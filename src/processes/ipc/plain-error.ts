import { TradeBotError } from '../../kernel/errors.js';
import type { PlainError } from './messages.js';

const LONGEST_MESSAGE = 2_000;
const LONGEST_STACK = 16_000;

/** Texts that other programs make may carry what was typed: credentials in addresses, and values named like secrets. */
const CREDENTIALS: readonly (readonly [RegExp, string])[] = [
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi, '$1***@'],
  [/(\b(?:bearer|basic)\s+)[\w.~+/=-]{8,}/gi, '$1***'],
  [/((?:pass(?:word|wd|phrase)?|secret|token|api[_-]?key|credential)\w*["']?\s*[=:]\s*["']?)[^\s"',;&}]+/gi, '$1***'],
  // Fernet tokens and keys of 32 bytes.
  [/\bgAAAAA[\w-]{20,}={0,2}/g, '***'],
];

export function withoutCredentials(text: string, longest = LONGEST_MESSAGE): string {
  const cut = text.length > longest ? `${text.slice(0, longest)} ...` : text;
  return CREDENTIALS.reduce((clean, [shape, instead]) => clean.replace(shape, instead), cut);
}

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
