import { ignore, type Handlers } from '../kit/projection.js';
import { figuresText } from '../kit/records.js';
import { tell, type Category, type LogEntry, type LogState, type Said, type Severity } from './entry.js';

function line(category: Category, severity: Severity, subject: string | null, text: string): Said {
  return { category, severity, subject, text };
}

function risk(severity: Severity, subject: string | null, text: string): Said {
  return { ...line('risk', severity, subject, text), logs: ['kill_switch'] };
}

function test(subject: string, ok: boolean, text: string): Said {
  return line('test', ok ? 'info' : 'warning', subject, text);
}

interface Check {
  readonly module: string;
  readonly ok: boolean;
  readonly cause: string;
}

/** How many of them hold, and every one that does not. */
function checked(name: string, ok: boolean, checks: readonly Check[]): Said {
  const failed = checks.filter((check) => !check.ok).map(({ module, cause }) => `${module}: ${cause}`);
  const tail = failed.length === 0 ? '' : `; ${failed.join('; ')}`;
  return line(
    'health',
    ok ? 'info' : 'critical',
    name,
    `${name}: ${checks.length - failed.length} of ${checks.length} are right${tail}`,
  );
}

const STATE_SEVERITY: Readonly<Record<string, Severity>> = {
  error: 'critical',
  emergency_closing_positions: 'critical',
  graceful_closing_positions: 'warning',
  stopped: 'warning',
};

export const lifecycleLines: Handlers<'lifecycle', LogState, LogEntry> = {
  BotStateChanged: tell(({ from, to, reason }) => ({
    ...line('control', STATE_SEVERITY[to] ?? 'info', to, `the bot went from ${from} to ${to}: ${reason}`),
    logs: to === 'emergency_closing_positions' || from === 'emergency_closing_positions' ? ['kill_switch'] : [],
  })),
  ProcessCrashed: tell(({ process, action, exitCode, signal, deaths }) => {
    const how =
      signal === undefined && exitCode === undefined ? '' : ` (${signal ?? `exit code ${exitCode ?? 'none'}`})`;
    const often = deaths === undefined ? '' : `, death ${deaths} in a short time`;
    return line('process', 'critical', process, `${process} died${how}${often}: ${action}`);
  }),
  ErrorRecorded: tell(({ errorType, errorCode, message }) =>
    line('error', 'warning', errorCode, `${errorType} ${errorCode}: ${message}`),
  ),
  SelfCheckCompleted: tell(({ ok, checks }) => checked('self-check', ok, checks)),
  SessionOpened: ignore,
  SessionClosed: ignore,
  PhaseStarted: ignore,
  PhaseEnded: ignore,
};

export const processLines: Handlers<'processes', LogState, LogEntry> = {
  ProcessStarted: tell(({ process, versionTag, attempt }) =>
    line('process', 'info', process, `${process} started, version ${versionTag}, start ${attempt + 1}`),
  ),
  ProcessStopped: tell(({ process, reason }) => line('process', 'info', process, `${process} ended: ${reason}`)),
  ClockJumped: tell(({ kind, from, to, missed }) => {
    const due = missed.length === 0 ? '' : `; due meanwhile: ${missed.join(', ')}`;
    return line('health', 'warning', 'clock', `the clock went ${kind} from ${from} to ${to}${due}`);
  }),
  ControlFlagConsumed: tell(({ flag, command, by, outcome, reason }) => ({
    ...line(
      'control',
      command === 'kill' ? 'critical' : 'info',
      flag,
      `${flag} was ${outcome}, set by ${by ?? 'hand'}: ${reason}`,
    ),
    logs: command === 'kill' ? ['kill_switch'] : [],
  })),
  ControlFlagReported: tell(({ flag, reason }) => line('control', 'warning', flag, `${flag} is no flag: ${reason}`)),
  ProvisioningStarted: tell(({ resumed }) =>
    line('setup', 'info', null, resumed ? 'the set-up goes on after a crash' : 'the set-up began'),
  ),
  ProvisioningStepDone: tell(({ step, detail }) => line('setup', 'info', step, `set-up: ${step}: ${detail}`)),
  ProvisioningCompleted: tell(({ generation, broker }) =>
    line('setup', 'info', null, `the set-up is done: broker ${broker}, generation ${generation} of the keys`),
  ),
  TestRunStarted: tell(({ runId, test: name, by }) => test(runId, true, `test ${name} began, set by ${by ?? 'hand'}`)),
  TestRunEnded: tell(({ runId, test: name, ok, results }) => {
    const failed = results.filter((result) => !result.ok).map(({ check, detail }) => `${check}: ${detail}`);
    const tail = failed.length === 0 ? '' : `; ${failed.join('; ')}`;
    return test(runId, ok, `test ${name} ended, ${results.length - failed.length} of ${results.length} passed${tail}`);
  }),
};

export const riskLines: Handlers<'risk', LogState, LogEntry> = {
  KillSwitchTripped: tell(({ code, figures }) =>
    risk('critical', code, `kill switch tripped: ${code} (${figuresText(figures)})`),
  ),
  KillSwitchReset: tell(({ reason }) => risk('warning', null, `kill switch reset: ${reason}`)),
  RiskLimitBreached: tell(({ limit, figures }) =>
    risk('warning', limit, `limit passed: ${limit} (${figuresText(figures)})`),
  ),
  DefenseModeEntered: tell(({ reason, tradeLimitPct, totalAllocation }) =>
    risk('warning', null, `defense mode: ${reason}; ${tradeLimitPct} % of the trades, ${totalAllocation} of the float`),
  ),
  DefenseModeReset: tell(({ reason }) => risk('info', null, `defense mode ended: ${reason}`)),
  BrokerSuspended: tell(({ code, message }) =>
    line('health', 'warning', 'broker', `entries wait, ${code}: ${message}`),
  ),
  BrokerResumed: tell(({ outageSeconds }) =>
    line('health', 'info', 'broker', `the broker answers again after ${outageSeconds} s`),
  ),
  MarketDataLost: tell(({ symbols, since }) =>
    line('health', 'warning', 'market_data', `no market data of ${symbols.join(', ')} since ${since}`),
  ),
  MarketDataRestored: tell(({ symbols, gapSeconds }) =>
    line('health', 'info', 'market_data', `market data of ${symbols.join(', ')} again after ${gapSeconds} s`),
  ),
  TradeBlocked: ignore,
};

export const configLines: Handlers<'config' | 'secrets' | 'health', LogState, LogEntry> = {
  ConfigChanged: tell(({ changes, reason }) => {
    const what = changes.map(
      ({ key, from, to, secret }) => `${key} ${secret ? '(secret)' : `${from ?? 'unset'} -> ${to ?? 'unset'}`}`,
    );
    return line('config', 'info', null, `settings changed (${reason}): ${what.join(', ')}`);
  }),
  SecretChanged: tell(({ category, fields }) => {
    const names = fields.map(({ field }) => field).join(', ');
    return line('secrets', 'warning', category, `the secret ${category} was changed: ${names}`);
  }),
  SecretsRotated: tell(({ initiator, reason, generation, categories }) =>
    line(
      'secrets',
      'info',
      null,
      `generation ${generation}: new keys for ${categories.length} categories, by ${initiator}: ${reason}`,
    ),
  ),
  BuildCheckCompleted: tell(({ ok, checks }) => checked('build check', ok, checks)),
  WatchdogStateChanged: tell(({ subject, from, to, reason }) =>
    line(
      'health',
      to === 'down' ? 'critical' : to === 'degraded' ? 'warning' : 'info',
      subject,
      `${subject} is ${to}, before ${from}: ${reason}`,
    ),
  ),
};
