import { readFileSync } from 'node:fs';
import type { TestResult } from '../../app/test-mode/test-run.js';
import { STRATEGY_NAMES } from '../../domain/config/configured-strategies.js';
import { COMMON_BOT_LOGS, type HomePaths } from '../../domain/home/home-paths.js';
import { LOG_COLUMNS } from '../../../projections/logs/log-record.js';
import { result } from './dry-run.js';

const LOGS = [...STRATEGY_NAMES, ...COMMON_BOT_LOGS];
const UTC = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

/** logging_format (RUN-36): every line of the logs is JSON with all columns and a UTC time (OUT-2, OUT-3). */
export function logFormat(paths: HomePaths): TestResult {
  const faults: string[] = [];
  let lines = 0;
  for (const log of LOGS) {
    for (const line of linesOf(paths.log(log))) {
      lines += 1;
      const fault = faultOf(line);
      if (fault !== undefined) faults.push(`${log}.log: ${fault}`);
    }
  }
  const ok = faults.length === 0 && lines > 0;
  const wrong = lines === 0 ? 'no line was written' : faults.slice(0, 5).join('; ');
  return result('logging_format', ok, ok ? `${lines} lines of ${LOGS.length} logs` : wrong);
}

function linesOf(path: string): readonly string[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
}

function faultOf(line: string): string | undefined {
  let record: Readonly<Record<string, unknown>>;
  try {
    record = JSON.parse(line) as Readonly<Record<string, unknown>>;
  } catch {
    return 'a line is not JSON';
  }
  const missing = LOG_COLUMNS.filter((column) => !(column in record));
  if (missing.length > 0) return `a line has no ${missing.join(', ')}`;
  const { timestamp } = record;
  return typeof timestamp === 'string' && UTC.test(timestamp) ? undefined : `${String(timestamp)} is not a UTC time`;
}
