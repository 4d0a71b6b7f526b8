'use strict';
/**
 * Options that contradict each other, judged before the program is set up or built: that lasts up to a minute, and a person
 * who has mistyped would wait for it. The program judges by the same functions, which the launcher gives to it.
 * Plain old JavaScript without packages, like control.cjs.
 */

const FEEDS = ['synthetic', 'lean', 'csv'];
const fault = (message, remedy) => ({ message, remedy });

/** Why the market of `tradebot run` cannot be chosen so; undefined when it can. Options by their names, as typed. */
function marketFault({ feed = 'synthetic', data, vix }) {
  if (!FEEDS.includes(feed))
    return fault(`--feed "${feed.slice(0, 40)}" is not known`, 'Give --feed synthetic, lean or csv.');
  if (feed === 'synthetic') {
    if (data !== undefined) return fault('--data needs --feed lean or --feed csv', 'Add --feed, or leave --data out.');
    if (vix === undefined) return undefined;
    const remedy = 'Add --feed lean or --feed csv with --data, or leave --vix out: an invented market has its own.';
    return fault('--vix needs recorded days', remedy);
  }
  if (data !== undefined) return undefined;
  return fault(`--feed ${feed} needs --data`, 'Add --data with the folder of the recorded days.');
}

/** The same for `tradebot day`. */
function dayFault({ synthetic = false, data, vix }) {
  if (synthetic && vix !== undefined) {
    const remedy = 'Leave --vix out, or give recorded days with --data.';
    return fault('--vix and --synthetic cannot be combined: an invented market has its own VIX', remedy);
  }
  if (synthetic !== (data !== undefined)) return undefined;
  const message = data === undefined ? 'no market data was chosen' : '--data and --synthetic cannot be combined';
  return fault(message, 'Give either --data <folder> --date <day> --symbols <list>, or --synthetic.');
}

/** By command: the code of a refusal, its rule, and the options that it needs; true for one that takes a value. */
const RULES = {
  run: { code: 'BAD_OPTION', rule: marketFault, takes: { feed: true, data: true, vix: true } },
  day: { code: 'MARKET_DATA_SOURCE', rule: dayFault, takes: { synthetic: false, data: true, vix: true } },
};

/** Why a command line is refused before anything is built, with its code; undefined when the program is to judge it. */
function earlyRefusal(args) {
  const at = args.findIndex((arg, index) => !arg.startsWith('-') && args[index - 1] !== '--home');
  const command = args[at];
  const known = Object.prototype.hasOwnProperty.call(RULES, command) ? RULES[command] : undefined;
  if (known === undefined || args.includes('--help') || args.includes('-h')) return undefined;
  const found = known.rule(optionsOf(args, known.takes));
  return found === undefined ? undefined : { code: known.code, message: found.message, remedy: found.remedy };
}

/** The last of an option counts, as in the program; one without its value is left to that. */
function optionsOf(args, takes) {
  const options = {};
  args.forEach((arg, at) => {
    const [, name = '', , value = args[at + 1]] = /^--([a-z-]+)(=([\s\S]*))?$/.exec(arg) || [];
    if (takes[name] === true && value !== undefined) options[name] = value;
    if (takes[name] === false) options[name] = true;
  });
  return options;
}

module.exports = { dayFault, earlyRefusal, marketFault };
