/**
 * `npm run emulator -- alpaca|tradier|ibkr [--port N] [--seed N] [--fault lose_answer=0.05,drop=0.1] [--clock-start UTC]`:
 * starts the emulator of a broker on loopback, and prints what to put into the set-up of a bot.
 */
import '../unit/support/typescript-loader.mjs';

const NAMES = ['alpaca', 'tradier', 'ibkr'];
const STEP_MS = 100;

function refuse(text) {
  console.error(
    `${text}\nUse: npm run emulator -- ${NAMES.join('|')} [--port N] [--seed N] [--fault NAME=SHARE,...] [--clock-start UTC]`,
  );
  process.exit(1);
}

function optionsOf(args) {
  const options = { port: undefined, seed: 1, rates: {}, start: undefined };
  for (let at = 0; at < args.length; at += 2) {
    const [flag, value] = [args[at], args[at + 1]];
    if (value === undefined) refuse(`${flag} needs a value`);
    if (flag === '--port') options.port = whole(flag, value, 65_535);
    else if (flag === '--seed') options.seed = whole(flag, value, 2 ** 31 - 1);
    else if (flag === '--fault') Object.assign(options.rates, ratesOf(value));
    else if (flag === '--clock-start') options.start = timeOf(value);
    else refuse(`${flag} is no option`);
  }
  return options;
}

function whole(flag, text, most) {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0 || number > most) refuse(`${flag} must be a whole number up to ${most}`);
  return number;
}

function ratesOf(text) {
  return Object.fromEntries(
    text.split(',').map((part) => {
      const [name, share] = part.split('=');
      const number = Number(share);
      if (!FAULTS.includes(name) || !(number > 0 && number <= 1))
        refuse(`--fault ${part}: give one of ${FAULTS.join(', ')} with a share above 0 and up to 1`);
      return [name, number];
    }),
  );
}

function timeOf(text) {
  const at = Date.parse(text);
  if (Number.isNaN(at)) refuse(`--clock-start "${text}" is no time, such as 2013-10-07T13:20:00Z`);
  return at;
}

const [name, ...rest] = process.argv.slice(2);
if (!NAMES.includes(name)) refuse(name === undefined ? 'Name a broker.' : `"${name}" has no emulator.`);
const { FAULTS } = await import('./exchange/fault-plan.ts');
const { startEmulator, MARKET_SYMBOLS } = await import('./emulators.ts');
const { port, seed, rates, start } = optionsOf(rest);
const behindMs = start === undefined ? 0 : Date.now() - start;
const clock = { now: () => Date.now() - behindMs };
const emulator = await startEmulator(name, { clock, seed, ...(port === undefined ? {} : { port }) });
emulator.faults.rates = rates;
const timer = setInterval(() => emulator.advance(), STEP_MS);

console.log(`Emulator of ${emulator.broker} on loopback, seed ${seed}. No order reaches a market.`);
console.log(`Set up a bot with the broker ${emulator.broker}, the broker code ${emulator.broker}, these credentials:`);
for (const [field, value] of Object.entries(emulator.credentials)) console.log(`  ${field}=${value}`);
console.log(`and the symbols ${MARKET_SYMBOLS.join(', ')}.`);
if (start !== undefined) {
  const now = `new Date(Date.now() - ${behindMs}).toISOString()`;
  console.log(`Start the bot in its time: tradebot run --clock-start "$(node -p '${now}')"`);
}
console.log('Ctrl-C ends it.');

process.once('SIGINT', () => void end());
process.once('SIGTERM', () => void end());

async function end() {
  clearInterval(timer);
  await emulator.stop();
  process.exit(0);
}
