import { Argument, type Command } from 'commander';
import { writeFileAtomic } from '../../../adapters/files/atomic-write.js';
import { textIfThere } from '../../../adapters/files/growing-file.js';
import { loadSettings } from '../../../app/settings/load-settings.js';
import { buildHomeUniverse, rebuildHomeUniverse, type AlreadyBuilt } from '../../../composition/home-universe.js';
import { publishedUniverse } from '../../../composition/session-symbols.js';
import type { UniverseOutcome } from '../../../app/universe/build-universe.js';
import type { Figure } from '../../../domain/universe/enrich.js';
import { universeAge } from '../../../domain/universe/session-symbols.js';
import { parseUnfiltered } from '../../../domain/universe/universe-file.js';
import { why, type WhyAnswer } from '../../../domain/universe/why.js';
import { canonicalSymbol } from '../../../events/names.js';
import { configError } from '../../../kernel/errors.js';
import { sha256Hex } from '../../../kernel/hash.js';
import { dateOf, parseDateText } from '../../../kernel/time.js';
import { existingHome, type CliContext, type ExitCode, type GlobalFlags } from '../context.js';
import { vaultOf, withVault } from '../home-vault.js';
import { wholeNumber } from '../numbers.js';
import { operate } from '../running-bot.js';
import { runs } from '../runs.js';

interface UniverseFlags extends GlobalFlags {
  readonly asOf?: string;
  readonly limit: string;
  readonly masterKeyFile?: string;
}

const ACTIONS = ['build', 'show', 'why'] as const;
type Action = (typeof ACTIONS)[number];

/** `tradebot universe build|show|why`: builds the universe, shows what is published, and says why a symbol is in or out (TRD-10). */
export function registerUniverse(program: Command, context: CliContext): void {
  const command = program
    .command('universe')
    .description('build the universe now, show it, or say why a symbol is in it or not')
    .addArgument(new Argument('<what>', 'what to do').choices(ACTIONS))
    .argument('[symbol]', 'why: the symbol')
    .option('--as-of <yyyy-mm-dd>', 'build: that of a past date again, from its recorded answers; nobody is asked')
    .option('--limit <count>', 'show: how many symbols, by rank', '20')
    .option('--master-key-file <file>', 'master key of the home (default: as the bot finds it)');
  runs(command, (flags: UniverseFlags, [what, symbol]) => {
    switch (what as Action) {
      case 'build':
        return flags.asOf === undefined ? build(context, flags) : rebuild(context, flags, flags.asOf);
      case 'show':
        return Promise.resolve(showUniverse(context, flags));
      case 'why':
        return Promise.resolve(whySymbol(context, flags, symbol));
    }
  });
}

type Built = UniverseOutcome | AlreadyBuilt | { readonly state: 'begun' };

async function build(context: CliContext, flags: UniverseFlags): Promise<ExitCode> {
  const { output } = context;
  const outcome = await operate<Built>(context, flags, {
    request: { ask: 'universe', request: {} },
    here: () =>
      withVault(context, flags, { command: 'universe' }, ({ vault, appender, clock, versionTag }) => {
        const { paths } = existingHome(context, flags);
        const settings = loadSettings(vault, versionTag);
        return buildHomeUniverse({ paths, vault, settings, appender, clock });
      }),
  });
  output.result({ ok: true, ...outcome });
  output.say(outcomeText(outcome));
  if (outcome.state === 'published') for (const note of outcome.notes) output.say(`  ${note}`);
  return 0;
}

function outcomeText(outcome: Built): string {
  switch (outcome.state) {
    case 'begun':
      return 'the running bot builds the universe; see tradebot universe show';
    case 'already':
      return `the universe of ${outcome.date} is published already`;
    case 'waiting_for_credentials':
      return 'waiting_for_credentials: no provider is enabled. Enter one under the secret "screener_api" on the settings page.';
    case 'published':
      return `universe of ${outcome.date}: ${outcome.symbols} of ${outcome.listed} listed symbols, SHA-256 ${outcome.sha256 ?? ''}`;
  }
}

async function rebuild(context: CliContext, flags: UniverseFlags, asOf: string): Promise<ExitCode> {
  const { output, clock } = context;
  const { paths } = existingHome(context, flags);
  const date = parseDateText(asOf);
  const { files, judged } = await rebuildHomeUniverse(paths, clock, date);
  const path = paths.universe.rebuilt(date);
  writeFileAtomic(path, files.published, 0o644);
  const symbols = judged.filter(({ chosen }) => chosen).length;
  const sha256 = sha256Hex(files.published);
  output.result({ ok: true, date, symbols, sha256, unfilteredSha256: sha256Hex(files.unfiltered), path });
  output.say(`universe of ${date} from its recorded answers: ${symbols} symbols, SHA-256 ${sha256}`);
  output.say(`  ${path}`);
  return 0;
}

function showUniverse(context: CliContext, flags: UniverseFlags): ExitCode {
  const { output, clock } = context;
  const { paths } = existingHome(context, flags);
  const limit = wholeNumber('--limit', flags.limit, { from: 0, to: 100_000 });
  const { universe, fault } = publishedUniverse(paths);
  const progress = textIfThere(paths.universe.partial)?.trim() ?? null;
  const waiting = textIfThere(paths.universe.waiting) !== undefined;
  const settings = loadSettings(vaultOf(context, flags), context.version);
  const age = universeAge(universe?.header.date, dateOf(clock.now()), settings.SCREENER_UNIVERSE_MAX_AGE_DAYS);
  const symbols = (universe?.symbols ?? []).slice(0, limit);
  output.result({
    ...{ ok: true, header: universe?.header ?? null, age, fault: fault ?? null, waiting },
    progress: progress === null ? null : (JSON.parse(progress) as unknown),
    count: universe?.symbols.length ?? 0,
    symbols,
  });
  if (universe === undefined) output.say(fault ?? 'no universe is published; tradebot universe build makes one');
  else {
    const { date, as_of, providers, notes } = universe.header;
    const stale = age.state === 'stale' ? `, older than ${settings.SCREENER_UNIVERSE_MAX_AGE_DAYS} days` : '';
    output.say(`universe of ${date} (${age.days ?? 0} days old${stale}): ${universe.symbols.length} symbols`);
    output.say(`  answers until ${as_of} of ${providers.join(', ')}`);
    for (const note of notes) output.say(`  ${note}`);
  }
  if (waiting) output.say('  waiting_for_credentials: no provider is enabled');
  if (progress !== null) output.say(`  a build is not finished: ${progress}`);
  for (const { symbol, rank, row } of symbols) {
    const { price, market_cap: cap, exchange } = row.figures;
    const differs = row.disagreements.length === 0 ? '' : `, sources differ: ${row.disagreements.join(', ')}`;
    output.say(
      `  ${String(rank).padStart(5)} ${symbol.padEnd(8)} ${exchange?.value ?? '?'} ${price?.value ?? '?'}, market cap ${cap?.value ?? 'unknown'}${differs}`,
    );
  }
  return 0;
}

function whySymbol(context: CliContext, flags: UniverseFlags, given: string | undefined): ExitCode {
  const { output } = context;
  if (given === undefined) {
    throw configError({
      code: 'SYMBOL_MISSING',
      message: 'no symbol is named',
      remedy: 'Name one: tradebot universe why SPY.',
    });
  }
  const { paths } = existingHome(context, flags);
  const text = textIfThere(paths.universe.unfiltered);
  if (text === undefined) {
    throw configError({
      code: 'UNIVERSE_MISSING',
      message: 'no universe was built in this home',
      remedy: 'Build one: tradebot universe build.',
    });
  }
  const unfiltered = parseUnfiltered(text);
  const answer = why(unfiltered, canonicalSymbol(given.toUpperCase()));
  output.result({ ok: true, date: unfiltered.header.date, ...answer });
  output.say(verdictText(answer, unfiltered.header.date));
  for (const { rule, ok, code, value, limit } of answer.rules) {
    output.say(`  ${ok ? 'holds' : 'FAILS'} ${rule.padEnd(10)} ${value} (limit: ${limit})${ok ? '' : ` ${code}`}`);
  }
  for (const [name, figure] of Object.entries(answer.row?.figures ?? {})) output.say(`  ${figureText(name, figure)}`);
  return 0;
}

function verdictText({ symbol, chosen, rank, listed, excludedBy }: WhyAnswer, date: string): string {
  if (!listed) return `${symbol} is not in the universe of ${date}: no provider of the build lists it`;
  if (chosen) return `${symbol} is in the universe of ${date}, rank ${rank ?? '?'}`;
  return `${symbol} is not in the universe of ${date}: ${excludedBy ?? ''}`;
}

function figureText(name: string, { value, source, at, sha256, asOf, computed, others }: Figure): string {
  const how = computed === undefined ? '' : `, ${computed}`;
  const day = asOf === null ? '' : `, of ${asOf}`;
  const also = others.map((other) => `; ${other.source} ${other.value}`).join('');
  return `${name.padEnd(18)} ${value} (${source}${how}${day}, answered ${at}, ${sha256.slice(0, 12)})${also}`;
}
