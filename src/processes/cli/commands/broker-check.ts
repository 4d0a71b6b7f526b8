import type { Command } from 'commander';
import { loadSettings } from '../../../app/settings/load-settings.js';
import { checkAccount } from '../../../composition/check-account.js';
import { existingHome, type CliContext, type ExitCode } from '../context.js';
import { vaultOf, type VaultFlags } from '../home-vault.js';
import { runs } from '../runs.js';

interface CheckFlags extends VaultFlags {
  readonly paper?: boolean;
}

/** `tradebot broker-check`: looks at the account of the bot without changing anything in it, and prints what it found. */
export function registerBrokerCheck(program: Command, context: CliContext): void {
  const command = program
    .command('broker-check')
    .description('check the broker account of the bot: only reads, whether the bot runs or not')
    .option('--paper', 'refuse an account that may move real money')
    .option('--master-key-file <file>', 'file of the master key');
  runs(command, (flags: CheckFlags) => brokerCheck(context, flags));
}

async function brokerCheck(context: CliContext, flags: CheckFlags): Promise<ExitCode> {
  const { output, version } = context;
  const home = existingHome(context, flags);
  const vault = vaultOf(context, flags);
  const settings = loadSettings(vault, version);
  const { paths, identity } = home;
  const found = await checkAccount({
    paths,
    identity,
    vault,
    settings,
    clock: context.clock,
    onlyPaper: flags.paper === true,
  });
  const failed = found.findings.filter(({ ok }) => !ok).length;
  output.say(found.account);
  for (const { id, what, ok, reason } of found.findings) {
    output.say(`${ok ? 'ok    ' : 'FAILED'}  ${id.padEnd(5)}  ${what}${reason === '' ? '' : `\n        ${reason}`}`);
  }
  output.say(failed === 0 ? 'The account passes every check.' : `${failed} of ${found.findings.length} checks failed.`);
  output.result({ ...found, failed });
  return failed === 0 ? 0 : 1;
}
