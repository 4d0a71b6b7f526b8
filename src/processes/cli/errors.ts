import { CommanderError } from 'commander';
import { isJournalDamage } from '../../app/audit/verified-chain.js';
import { classify } from '../../app/errors/classify.js';
import { TradeBotError } from '../../kernel/errors.js';
import type { CliContext, ExitCode } from './context.js';

interface Report {
  readonly exitCode: ExitCode;
  readonly line: string;
  readonly error: Readonly<Record<string, unknown>>;
}

/** Errors besides those of the journal that report damage. */
const DAMAGE: ReadonlySet<string> = new Set([
  'HOME_INCOMPLETE',
  'EVIDENCE_DIFFERS',
  'JOURNAL_STREAM_CUT',
  'JOURNAL_STREAM_FOREIGN',
]);

const FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'SQLITE_FULL']);

/** Prints one line on stderr, or one JSON object with --json; the stack only with TRADEBOT_DEBUG. */
export function reportError(thrown: unknown, context: CliContext): ExitCode {
  const { exitCode, line, error } = reportOf(thrown);
  const { output, environment } = context;
  // called without a command: commander has already shown its help
  if (isHelp(thrown) && !output.json) return exitCode;
  output.error(output.json ? JSON.stringify({ ok: false, error }) : line);
  if (environment.debug && thrown instanceof Error) output.error(thrown.stack ?? '');
  return exitCode;
}

function reportOf(thrown: unknown): Report {
  if (thrown instanceof CommanderError) return usage(thrown);
  if (thrown instanceof TradeBotError) {
    const { kind, code, message, remedy, details } = thrown;
    return {
      exitCode: exitCodeOf(thrown),
      line: oneLine(thrown.line),
      error: { kind, code, message, remedy, details },
    };
  }
  const { errorType: kind, errorCode: code, message: fault } = classify(thrown);
  if (kind === 'DataError') {
    const message = oneLine(fault);
    const remedy = FULL.has(code)
      ? 'Free space on the disk of the home, then run it again.'
      : 'Check the disk of the home and the limits of its user, then run it again.';
    return {
      exitCode: 1,
      line: `${message} (${code}). ${remedy}`,
      error: { kind, code, message, remedy, details: {} },
    };
  }
  const message = oneLine(thrown instanceof Error ? thrown.message : String(thrown));
  const remedy = 'This is a defect of TradeBot: set TRADEBOT_DEBUG=1 for the stack and report it.';
  return {
    exitCode: 2,
    line: `${message} (INTERNAL). ${remedy}`,
    error: { kind: 'LogicError', code: 'INTERNAL', message, remedy, details: {} },
  };
}

function usage(thrown: CommanderError): Report {
  const message = isHelp(thrown) ? 'no command was given' : oneLine(thrown.message.replace(/^error: /, ''));
  const remedy = 'See tradebot --help.';
  return {
    exitCode: 1,
    line: `${message} (USAGE). ${remedy}`,
    error: { kind: 'ConfigError', code: 'USAGE', message, remedy, details: {} },
  };
}

function isHelp(thrown: unknown): boolean {
  return thrown instanceof CommanderError && thrown.code === 'commander.help';
}

function exitCodeOf(error: TradeBotError): ExitCode {
  if (error.kind === 'LogicError') return 2;
  // damage, as opposed to a wrong file or a wrong request
  if (DAMAGE.has(error.code) || isJournalDamage(error)) return 3;
  // of the journal that was copied; a copy that was given is a DataError
  return error.kind === 'JournalError' && error.code === 'BACKUP_DAMAGED' ? 3 : 1;
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ').trim();
}
