import type { Command } from 'commander';
import type { Decision, DecisionStep, SessionDecisions, StrategyDecision } from '../../../app/decisions/decision.js';
import { selectDecisions } from '../../../app/decisions/select-decisions.js';
import { readDecisions } from '../../../app/decisions/read-decisions.js';
import { STRATEGY_NAMES } from '../../../domain/config/configured-strategies.js';
import { parseStrategyName } from '../../../events/names.js';
import { parseDateText } from '../../../kernel/time.js';
import { existingHome, withProvenJournal, type CliContext, type ExitCode, type GlobalFlags } from '../context.js';
import type { Output } from '../output.js';
import { runs } from '../runs.js';

interface DecisionsFlags extends GlobalFlags {
  readonly date: string;
  readonly symbol?: string;
  readonly strategy?: string;
}

/** Symbols of one rule that are named without --symbol; --json has all. */
const MOST_NAMED = 12;

/** `tradebot decisions`: what each strategy looked at in a session, with which values, and which rule ended it (P4). */
export function registerDecisions(program: Command, context: CliContext): void {
  const command = program
    .command('decisions')
    .description('show for every symbol and strategy of a session what was looked at and which rule ended it')
    .requiredOption('--date <yyyy-mm-dd>', 'the session')
    .option('--symbol <ticker>', 'this symbol alone, with every step')
    .option('--strategy <name>', 'this strategy alone');
  runs(command, (flags: DecisionsFlags) => decisions(context, flags));
}

async function decisions(context: CliContext, flags: DecisionsFlags): Promise<ExitCode> {
  const date = parseDateText(flags.date);
  const home = existingHome(context, flags);
  const record = await withProvenJournal(context, home, (journal) =>
    readDecisions(journal, date, STRATEGY_NAMES.map(parseStrategyName)),
  );
  const selected = selectDecisions(record, flags);
  context.output.result({ ok: true, ...selected });
  print(context.output, selected, flags.symbol !== undefined);
  return 0;
}

function print(output: Output, { date, strategies, symbols }: SessionDecisions, isWhole: boolean): void {
  output.say(`Decisions of ${date}`);
  for (const strategy of strategies) {
    output.say(strategyText(strategy));
    const own = symbols.filter((decision) => decision.strategy === strategy.strategy);
    const ranked = isWhole ? own : own.filter(({ rank }) => rank !== null);
    for (const decision of ranked) printDecision(output, decision, isWhole);
    if (!isWhole) printUnranked(output, own);
  }
}

function strategyText({ strategy, outcome, ended, entries }: StrategyDecision): string {
  const window = entries === null ? '' : `, entries ${entries.from} to ${entries.to}`;
  return `${strategy}: ${outcome}, ${ruleText(ended)}${window}`;
}

function printDecision(output: Output, decision: Decision, isWhole: boolean): void {
  const { symbol, rank, traded, ended, observed, steps } = decision;
  const place = rank === null ? 'not ranked' : `rank ${rank}`;
  output.say(`  ${symbol.padEnd(6)} ${place}, ${traded ? 'traded' : 'not traded'}: ${ended.stage} ${ruleText(ended)}`);
  if (observed !== null) output.say(`         ${observedText(observed)}`);
  if (!isWhole) return;
  for (const step of steps) {
    const place = step.position === null ? 'no event' : `position ${Number(step.position) || step.position}`;
    output.say(`         ${step.at ?? ''.padEnd(24)} ${step.stage.padEnd(8)} ${ruleText(step)} [${place}]`);
  }
}

function observedText({ minutes, traded, closest }: NonNullable<Decision['observed']>): string {
  const seen = `looked at ${minutes} minutes, traded in ${traded}`;
  if (closest === null) return `${seen}; its figure was never known`;
  const { at, figure, value, threshold, share } = closest;
  return `${seen}; closest at ${at}: ${figure} ${value}, signal at ${threshold} (${share} of the way)`;
}

/** Symbols outside the pool, by the rule that excluded them; the most frequent rule first. */
function printUnranked(output: Output, own: readonly Decision[]): void {
  const byRule = new Map<string, string[]>();
  for (const { rank, symbol, ended } of own) {
    if (rank !== null) continue;
    const rule = `${ended.stage} ${ended.code}`;
    byRule.set(rule, [...(byRule.get(rule) ?? []), symbol]);
  }
  for (const [rule, names] of [...byRule].sort(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1))) {
    const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : '';
    output.say(`  ${String(names.length).padStart(4)} ${rule}: ${names.slice(0, MOST_NAMED).join(' ')}${more}`);
  }
}

function ruleText({ code, figures }: DecisionStep): string {
  const pairs = Object.entries(figures).map(([name, value]) => `${name} ${value}`);
  return pairs.length === 0 ? code : `${code} (${pairs.join(', ')})`;
}
