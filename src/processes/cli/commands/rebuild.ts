import type { Command } from 'commander';
import { STREAMS } from '../../../events/streams.js';
import type { CheckFacts, RebuildFacts } from '../../../app/book-tasks/task-facts.js';
import { parseProjection } from '../../../app/projector/projection-names.js';
import type { ProjectionCheck } from '../../../app/projector/projection-check.js';
import { TradeBotError } from '../../../kernel/errors.js';
import { shownRefusal } from '../../../composition/shown-refusals.js';
import { withRuntime, type CliContext, type ExitCode, type GlobalFlags } from '../context.js';
import { LOCAL_USER } from '../reason-option.js';
import { refuseDifferentEvidence } from '../evidence.js';
import { askBooks } from '../running-books.js';
import { runs } from '../runs.js';

interface RebuildFlags extends GlobalFlags {
  readonly check?: boolean;
}

/**
 * `tradebot rebuild <name|all>`: rebuilds derived files from the journal alone, and swaps them in (JRN-22). With --check it
 * only compares them with the present files: exit 3 when they differ.
 */
export function registerRebuild(program: Command, context: CliContext): void {
  const command = program
    .command('rebuild')
    .description('rebuild books, logs, summaries and exports from the journal, whether the bot runs or not')
    .argument('<name>', 'a projection, or all')
    .option('--check', 'rebuild to a temporary place and compare; changes no output, exit 3 on a difference');
  runs(command, (flags: RebuildFlags, [given = 'all']) => {
    const name = parseProjection(given);
    return flags.check === true ? check(context, flags, name) : rebuild(context, flags, name);
  });
}

async function rebuild(context: CliContext, flags: GlobalFlags, name: string): Promise<ExitCode> {
  const { output } = context;
  const { rebuilt, projections, evidence } = await askBooks<RebuildFacts>(context, flags, {
    task: { kind: 'rebuild', name },
    here: () => rebuildHere(context, flags, name),
  });
  const stopped = projections.filter((projection) => projection.stopped !== null);
  output.result({ ok: stopped.length === 0 && evidence.length === 0, rebuilt, projections, evidence });
  for (const { name: done } of rebuilt) output.say(`${done}: rebuilt`);
  for (const { name: of, refusals } of projections) {
    for (const one of refusals.first) output.say(`REFUSED by ${of}: ${shownRefusal(one)}`);
  }
  const [halted] = stopped;
  if (halted === undefined) {
    refuseDifferentEvidence(evidence);
    return 0;
  }
  throw new TradeBotError('LogicError', 'stop', {
    code: 'PROJECTION_STOPPED',
    message: `${halted.name} stopped at position ${halted.stopped?.position ?? ''}: ${halted.stopped?.reason ?? ''}`,
    remedy: 'Its previous files are kept. Report this fault with its position.',
  });
}

function rebuildHere(context: CliContext, flags: GlobalFlags, name: string): Promise<RebuildFacts> {
  return withRuntime(context, flags, 'rebuild', async ({ projector }) => {
    const bar = context.output.progress('Rebuilding', 'events');
    const { rebuilt, projections, evidence } = await projector.rebuild(name, bar.update).finally(bar.stop);
    await projector.publish();
    return { rebuilt, projections, evidence };
  });
}

async function check(context: CliContext, flags: GlobalFlags, name: string): Promise<ExitCode> {
  const { output } = context;
  const { evidence, ...found } = await askBooks<CheckFacts>(context, flags, {
    task: { kind: 'check', name },
    here: () => checkHere(context, flags, name),
  });
  output.result(found);
  for (const line of linesOf(found)) output.say(line);
  refuseDifferentEvidence(evidence);
  return found.ok ? 0 : 3;
}

function checkHere(context: CliContext, flags: GlobalFlags, name: string): Promise<CheckFacts> {
  return withRuntime(context, flags, 'rebuild --check', async ({ projector, appender }) => {
    const bar = context.output.progress('Comparing', 'events');
    const found = await projector.check(name, bar.update).finally(bar.stop);
    const { ok, position, projections } = found;
    if (position !== null) {
      const data = { ok, position, projections };
      const cause = { correlationId: 'projections-check', causationId: null };
      await appender.appendIfUnchanged(STREAMS.reporting, [{ type: 'ProjectionsChecked', data, ...cause }], LOCAL_USER);
      await projector.catchUp();
    }
    return { ...found, evidence: projector.evidence() };
  });
}

function linesOf({ ok, projections }: ProjectionCheck): readonly string[] {
  const lines = projections.flatMap((one) => [
    `${one.name}: ${one.ok ? 'matches the journal' : 'DIFFERS'}, digest ${one.digest}`,
    ...one.differences.map((difference) => `  ${difference}`),
  ]);
  return ok ? lines : [...lines, 'Rebuild what differs: tradebot rebuild <name>.'];
}
