import { accountWords } from '../../src/domain/config/broker-account.js';
import { reportedLoss } from '../../src/domain/risk/data-loss.js';
import { botCopyText } from '../../src/domain/risk/bot-copy.js';
import { clockFaultText } from '../../src/domain/risk/clock-fault.js';
import { HOW_WORDS } from '../../src/domain/ownership/ownership.js';
import { userDifferenceText } from '../../src/domain/access/user-difference.js';
import { ignore, type Handlers } from '../kit/projection.js';
import { figuresText } from '../kit/records.js';
import { logged, type Category, type LogEntry, type LogState, type EntryContent, type Severity } from './entry.js';

function line(category: Category, severity: Severity, subject: string | null, text: string): EntryContent {
  return { category, severity, subject, text };
}

function risk(severity: Severity, subject: string | null, text: string): EntryContent {
  return { ...line('risk', severity, subject, text), logs: ['kill_switch'] };
}

function test(subject: string, ok: boolean, text: string): EntryContent {
  return line('test', ok ? 'info' : 'warning', subject, text);
}

interface Check {
  readonly module: string;
  readonly ok: boolean;
  readonly cause: string;
  readonly note?: string;
}

/** The number of passed checks, each failed check with its cause, and what others cannot do. */
function checked(name: string, ok: boolean, checks: readonly Check[]): EntryContent {
  const failed = checks.filter((check) => !check.ok).map(({ module, cause }) => `${module}: ${cause}`);
  const notes = checks.flatMap(({ module, note }) => (note === undefined ? [] : [`${module}: ${note}`]));
  const tail = [...failed, ...notes].map((text) => `; ${text}`).join('');
  return line(
    'health',
    ok ? 'info' : 'critical',
    name,
    `${name}: ${checks.length - failed.length} of ${checks.length} passed${tail}`,
  );
}

const STATE_SEVERITY: Readonly<Record<string, Severity>> = {
  error: 'critical',
  emergency_closing_positions: 'critical',
  graceful_closing_positions: 'warning',
  stopped: 'warning',
};

export const lifecycleLines: Handlers<'lifecycle', LogState, LogEntry> = {
  BotStateChanged: logged(({ from, to, reason }) => ({
    ...line('control', STATE_SEVERITY[to] ?? 'info', to, `bot state changed from ${from} to ${to}: ${reason}`),
    logs: to === 'emergency_closing_positions' || from === 'emergency_closing_positions' ? ['kill_switch'] : [],
  })),
  ProcessCrashed: logged(({ process, action, exitCode, signal, deaths }) => {
    const how =
      signal === undefined && exitCode === undefined ? '' : ` (${signal ?? `exit code ${exitCode ?? 'none'}`})`;
    const often = deaths === undefined ? '' : `, failure ${deaths} in a short time`;
    return line('process', 'critical', process, `${process} died${how}${often}: ${action}`);
  }),
  ErrorRecorded: logged(({ errorType, errorCode, message }) =>
    line('error', 'warning', errorCode, `${errorType} ${errorCode}: ${message}`),
  ),
  SelfCheckCompleted: logged(({ ok, checks }) => checked('self-check', ok, checks)),
  SessionOpened: ignore,
  SessionClosed: ignore,
  PhaseStarted: ignore,
  PhaseEnded: ignore,
};

const listed = (items: readonly string[]): string => (items.length === 0 ? 'none' : items.join(', '));

const SUPERVISION = {
  main: 'main supervises the engine',
  none: 'no main supervises the engine, positions are kept and entries suspended',
  grace_over: 'no main came within the grace period',
} as const;

export const processLines: Handlers<'processes', LogState, LogEntry> = {
  ProcessStarted: logged(({ process, versionTag, attempt }) =>
    line('process', 'info', process, `${process} started, version ${versionTag}, start ${attempt + 1}`),
  ),
  ProcessStopped: logged(({ process, reason }) => line('process', 'info', process, `${process} stopped: ${reason}`)),
  ClockJumped: logged(({ kind, from, to, missed }) => {
    const due = missed.length === 0 ? '' : `; missed: ${missed.join(', ')}`;
    return line('health', 'warning', 'clock', `clock jump (${kind}) from ${from} to ${to}${due}`);
  }),
  BreakGlassImported: logged(({ key, at, cause, orders, unmatched, open }) => ({
    ...line(
      'control',
      'critical',
      key,
      `kill without journal at ${at} imported: ${cause}; orders: ${listed(orders)}; without a position: ${listed(unmatched)}; left open: ${listed(open)}`,
    ),
    logs: ['kill_switch'],
  })),
  EngineSupervisionChanged: logged(({ to, reason, policy, graceSeconds }) =>
    line(
      'process',
      to === 'main' ? 'info' : 'critical',
      'engine',
      `${SUPERVISION[to]}: ${reason} (policy ${policy}, grace ${graceSeconds} s)`,
    ),
  ),
  MarketFeedSelected: logged(({ kind, description, simulated, days, firstDay, lastDay, symbols }) => {
    const which = days === null ? 'every day' : `${days} days, ${firstDay ?? ''} to ${lastDay ?? ''}`;
    return line(
      'process',
      'info',
      kind,
      `${simulated ? 'simulated market' : 'market data'}: ${description}, ${which}, symbols ${listed(symbols)}`,
    );
  }),
  BrokerSelected: logged(({ broker, account, host }) =>
    line('process', account === 'unknown' ? 'warning' : 'info', broker, accountWords({ broker, kind: account, host })),
  ),
  SessionLeftOut: logged(({ date, reason, nextSession }) =>
    line('process', 'warning', date, `no session on ${date}: ${reason}; next: ${nextSession ?? 'none with data'}`),
  ),
  ControlFlagConsumed: logged(({ flag, command, by, outcome, reason }) => ({
    ...line(
      'control',
      command === 'kill' ? 'critical' : 'info',
      flag,
      `flag ${flag} ${outcome}, set ${by === null ? 'manually' : `by ${by}`}: ${reason}`,
    ),
    logs: command === 'kill' ? ['kill_switch'] : [],
  })),
  ControlFlagReported: logged(({ flag, reason }) =>
    line('control', 'warning', flag, `invalid control flag ${flag}: ${reason}`),
  ),
  OwnershipTaken: logged(({ number, owner, how, reason }) =>
    line(
      'process',
      how === 'lease' || how === 'admin' ? 'warning' : 'info',
      'ownership',
      `ownership ${number}: ${owner.home} on ${owner.machine} trades for this bot, ${HOW_WORDS[how]}${reason === null ? '' : `: ${reason}`}`,
    ),
  ),
  OwnershipClaimed: logged(({ number, claimant }) =>
    line('process', 'warning', 'ownership', `${claimant.home} on ${claimant.machine} claims ownership ${number}`),
  ),
  OwnershipConfirmed: ignore,
  OwnershipEnded: logged(({ number, reason }) =>
    line('process', 'info', 'ownership', `ownership ${number} ended: ${reason}`),
  ),
  ProvisioningStarted: logged(({ resumed }) =>
    line('setup', 'info', null, resumed ? 'setup resumed after a crash' : 'setup started'),
  ),
  ProvisioningStepDone: logged(({ step, detail }) => line('setup', 'info', step, `setup: ${step}: ${detail}`)),
  ProvisioningCompleted: logged(({ generation, broker }) =>
    line('setup', 'info', null, `setup completed: broker ${broker}, key generation ${generation}`),
  ),
  TestRunStarted: logged(({ runId, test: name, by }) =>
    test(runId, true, `test ${name} started, requested ${by === null ? 'manually' : `by ${by}`}`),
  ),
  TestRunEnded: logged(({ runId, test: name, ok, results }) => {
    const failed = results.filter((result) => !result.ok).map(({ check, detail }) => `${check}: ${detail}`);
    const tail = failed.length === 0 ? '' : `; ${failed.join('; ')}`;
    return test(runId, ok, `test ${name} ended, ${results.length - failed.length} of ${results.length} passed${tail}`);
  }),
};

export const riskLines: Handlers<'risk', LogState, LogEntry> = {
  KillSwitchTripped: logged(({ code, figures }) =>
    risk('critical', code, `kill switch tripped: ${code} (${figuresText(figures)})`),
  ),
  KillSwitchReset: logged(({ reason }) => risk('warning', null, `kill switch reset: ${reason}`)),
  RiskLimitBreached: logged(({ limit, figures }) =>
    risk('warning', limit, `risk limit breached: ${limit} (${figuresText(figures)})`),
  ),
  DefenseModeEntered: logged(({ reason, tradeLimitPct, totalAllocation }) =>
    risk(
      'warning',
      null,
      `defense mode: ${reason}; ${tradeLimitPct} % of trades, allocation ${totalAllocation} of the float`,
    ),
  ),
  BotCopyFound: logged((data) => risk('critical', 'BOT_COPY', botCopyText(data))),
  BotCopyAcknowledged: logged(({ reason }) => risk('warning', null, `another copy acknowledged: ${reason}`)),
  ClockFaultDetected: logged((data) => risk('critical', 'CLOCK_FAULT', clockFaultText(data))),
  ClockFaultCleared: logged(({ by, reason }) => risk('warning', null, `clock fault cleared by the ${by}: ${reason}`)),
  DefenseModeReset: logged(({ reason }) => risk('info', null, `defense mode ended: ${reason}`)),
  BrokerSuspended: logged(({ code, message }) =>
    line('health', 'warning', 'broker', `broker unavailable, entries suspended: ${code}, ${message}`),
  ),
  BrokerResumed: logged(({ outageSeconds }) =>
    line('health', 'info', 'broker', `broker available again after ${outageSeconds} s`),
  ),
  MarketDataLost: logged(({ symbols, since, reason }) =>
    line(
      'health',
      'warning',
      'market_data',
      `no market data for ${symbols.join(', ')} since ${since}${reportedLoss({ reason })}`,
    ),
  ),
  MarketDataRestored: logged(({ symbols, gapSeconds }) =>
    line('health', 'info', 'market_data', `market data for ${symbols.join(', ')} restored after ${gapSeconds} s`),
  ),
  TradeBlocked: ignore,
};

export const configLines: Handlers<'config' | 'secrets' | 'health', LogState, LogEntry> = {
  ConfigChanged: logged(({ changes, reason }) => {
    const what = changes.map(
      ({ key, from, to, secret }) => `${key} ${secret ? '(secret)' : `${from ?? 'unset'} -> ${to ?? 'unset'}`}`,
    );
    return line('config', 'info', null, `settings changed (${reason}): ${what.join(', ')}`);
  }),
  ConfigChangeDeferred: logged(({ changes, reason, session }) => {
    const what = changes.map(
      ({ key, from, to, secret }) => `${key} ${secret ? '(secret)' : `${from ?? 'unset'} -> ${to ?? 'unset'}`}`,
    );
    return line(
      'config',
      'info',
      null,
      `settings pending until the session of ${session} ends (${reason}): ${what.join(', ')}`,
    );
  }),
  ConfigChangeWithdrawn: logged(({ keys, reason }) =>
    line('config', 'info', null, `pending settings withdrawn (${reason}): ${keys.join(', ')}`),
  ),
  OwnStrategiesFound: logged(({ strategies, refused }) => {
    const found = strategies.map(({ name, sha256 }) => `${name} (${sha256.slice(0, 12)})`);
    const bad = refused.map(({ name, where, cause }) => `${name} refused, ${where}: ${cause}`);
    const all = [...found, ...bad];
    const level = bad.length === 0 ? 'info' : 'warning';
    return line('config', level, null, `own strategies: ${all.length === 0 ? 'none' : all.join('; ')}`);
  }),
  InverseEtfsChanged: logged(({ version, entries, reason }) => {
    const list = entries.map(({ symbol, etf }) => `${symbol} -> ${etf}`).join(', ');
    return line(
      'config',
      'warning',
      null,
      `inverse ETFs, version ${version} (${reason}): ${list === '' ? 'none' : list}`,
    );
  }),
  SecretChanged: logged(({ category, fields }) => {
    const names = fields.map(({ field }) => field).join(', ');
    return line('secrets', 'warning', category, `secret ${category} changed: ${names}`);
  }),
  SecretsRotated: logged(({ initiator, reason, generation, categories }) =>
    line(
      'secrets',
      'info',
      null,
      `keys rotated to generation ${generation} for ${categories.length} categories by ${initiator}: ${reason}`,
    ),
  ),
  UserRecordsCompared: logged(({ ok, differences }) =>
    line(
      'health',
      ok ? 'info' : 'critical',
      null,
      ok ? "the users' database agrees with the events" : differences.map(userDifferenceText).join('; '),
    ),
  ),
  EvidenceCompared: logged(({ ok, files, differences }) =>
    line(
      'health',
      ok ? 'info' : 'critical',
      null,
      ok ? 'seals and exports are those of the journal' : `${files} differ from the journal: ${differences.join('; ')}`,
    ),
  ),
  ForeignEventsFound: logged(({ stream, inOurStream, fromRevision, toRevision, eventType, bytes, sha256 }) =>
    line(
      'health',
      inOurStream ? 'critical' : 'warning',
      stream,
      `${inOurStream ? 'our stream' : 'stream'} ${stream} on the server has revisions ${fromRevision} to ${toRevision} of another program: type ${eventType}, ${bytes} bytes, SHA-256 ${sha256}`,
    ),
  ),
  ForeignEventsAcknowledged: logged(({ fromRevision, toRevision, reason }, { stream, meta }) =>
    line(
      'health',
      'warning',
      stream,
      `revisions ${fromRevision} to ${toRevision} of stream ${stream} are not ours: acknowledged by ${meta.actor}: ${reason}`,
    ),
  ),
  StreamSettingsRestored: logged(({ stream, was, reason }) =>
    line('health', 'warning', stream, `the settings of stream ${stream} were written again: ${was}; ${reason}`),
  ),
  StreamRightsChecked: logged(({ outcome, user, remedy }) =>
    line(
      'health',
      outcome === 'own' ? 'info' : 'warning',
      null,
      outcome === 'own'
        ? `only user ${user} and administrators read and write the streams of this bot on the server`
        : `user ${user} may not set the rights of its streams on the server: ${remedy}`,
    ),
  ),
  JournalOutageBegan: logged(({ since, cause }) =>
    line('health', 'critical', 'journal', `journal away since ${since}, entries held: ${cause}`),
  ),
  JournalOutageEnded: logged(({ since, until, facts, orders }) =>
    line(
      'health',
      'warning',
      'journal',
      `journal back: away from ${since} to ${until}; ${facts} events were kept meanwhile, ${orders} of them orders`,
    ),
  ),
  BuildCheckCompleted: logged(({ ok, checks }) => checked('build check', ok, checks)),
  WatchdogStateChanged: logged(({ subject, from, to, reason }) =>
    line(
      'health',
      to === 'down' ? 'critical' : to === 'degraded' ? 'warning' : 'info',
      subject,
      `${subject} changed from ${from} to ${to}: ${reason}`,
    ),
  ),
};
