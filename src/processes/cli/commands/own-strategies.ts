import { spawnSync } from 'node:child_process';
import type { Command } from 'commander';
import { loadOwnStrategies } from '../../../adapters/own-strategies/load-own-strategies.js';
import { writeTemplate } from '../../../adapters/own-strategies/template.js';
import { foundDrafts } from '../../../app/settings/own-strategies.js';
import { STREAMS } from '../../../events/streams.js';
import { configError, TradeBotError } from '../../../kernel/errors.js';
import { ownStrategiesFound } from '../../../strategies/own/own-strategies.js';
import { existingHome, withRuntime, type CliContext, type ExitCode, type GlobalFlags } from '../context.js';
import { runs } from '../runs.js';

type Found = ReturnType<typeof ownStrategiesFound>;

/** `tradebot new-strategy NAME`: a strategy that works, with its test, to begin with (TRD-24). */
export function registerNewStrategy(program: Command, context: CliContext): void {
  const command = program
    .command('new-strategy')
    .description('write a strategy of your own with its test into the home, to be changed')
    .argument('<name>', 'its name: small letters, digits and dashes');
  runs(command, (flags: GlobalFlags, [name = '']) => {
    const { paths } = existingHome(context, flags);
    const written = writeTemplate(paths.storage.ownStrategies, name);
    context.output.result({ ok: true, name, ...written });
    context.output.say(`written: ${written.module}, ${written.test}`);
    context.output.say(`test it:  tradebot test-strategy ${name}`);
    context.output.say('check it: tradebot strategies');
    context.output.say(`trade it: add ${name} to STRATEGY_SEQUENCE and start the bot again`);
    return Promise.resolve<ExitCode>(0);
  });
}

/** `tradebot test-strategy NAME`: loads a strategy as the bot would, and runs its tests. */
export function registerTestStrategy(program: Command, context: CliContext): void {
  const command = program
    .command('test-strategy')
    .description('load a strategy of your own as the bot would, and run its tests')
    .argument('<name>', 'its name');
  runs(command, (flags: GlobalFlags, [name = '']) => testStrategy(context, flags, name));
}

async function testStrategy(context: CliContext, flags: GlobalFlags, name: string): Promise<ExitCode> {
  const { paths } = existingHome(context, flags);
  const { strategies, refused } = ownStrategiesFound(await loadOwnStrategies(paths));
  const why = refused.find((one) => one.name === name);
  if (why !== undefined) {
    throw configError({ code: why.code, message: `${name}: ${why.where}: ${why.cause}`, remedy: why.remedy });
  }
  const found = strategies.find((one) => one.name === name);
  if (found === undefined) throw notThere(name);
  // a Node before 22.18 reads TypeScript only with this flag
  const args = process.features.typescript === false ? ['--experimental-strip-types'] : [];
  const folder = `${paths.storage.ownStrategies}/${name}`;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...args, '--test', '--test-reporter=spec', `${folder}/*.test.*`],
    { cwd: folder, encoding: 'utf8' },
  );
  const ok = status === 0;
  context.output.result({ ok, name, file: found.file, sha256: found.sha256, output: stdout });
  for (const line of `${stdout}${ok ? '' : stderr}`.trimEnd().split('\n')) context.output.say(line);
  return ok ? 0 : 3;
}

/** `tradebot strategies`: the own strategies of the home as the bot would find them; recorded when no bot runs. */
export function registerStrategies(program: Command, context: CliContext): void {
  const command = program
    .command('strategies')
    .description('check the strategies in the folder of your own, and show them with their settings');
  runs(command, (flags: GlobalFlags) => strategies(context, flags));
}

async function strategies(context: CliContext, flags: GlobalFlags): Promise<ExitCode> {
  const { paths } = existingHome(context, flags);
  const found = ownStrategiesFound(await loadOwnStrategies(paths));
  const recorded = await recordedNow(context, flags, found);
  context.output.result({ ok: found.refused.length === 0, recorded, ...found });
  for (const { name, description, file, sha256, settings } of found.strategies) {
    context.output.say(`${name}: ${description} (${file}, ${sha256.slice(0, 12)})`);
    for (const { key, default: standard, help } of settings) context.output.say(`  ${key}=${standard}  ${help}`);
  }
  for (const { name, where, cause, remedy } of found.refused) {
    context.output.say(`${name} refused: ${where}: ${cause}. ${remedy}`);
  }
  if (found.strategies.length + found.refused.length === 0) {
    context.output.say('no own strategy in the home; make one with tradebot new-strategy NAME');
  }
  if (!recorded) context.output.say('A running bot trades with what it found when it started.');
  return found.refused.length === 0 ? 0 : 3;
}

/** The settings know an own strategy once the journal does. False when a bot has the home: it records them itself. */
async function recordedNow(context: CliContext, flags: GlobalFlags, found: Found): Promise<boolean> {
  try {
    await withRuntime(context, flags, 'strategies', ({ appender }) =>
      appender.decide(STREAMS.ownStrategies, (state) => foundDrafts(state.ownStrategies, found)),
    );
    return true;
  } catch (error) {
    if (error instanceof TradeBotError && error.code === 'HOME_IN_USE') return false;
    throw error;
  }
}

function notThere(name: string): Error {
  return configError({
    code: 'STRATEGY_NOT_FOUND',
    message: `the home has no strategy "${name.slice(0, 40)}"`,
    remedy: `Make it with tradebot new-strategy ${name.slice(0, 40)}, or see tradebot strategies.`,
  });
}
