import { BOTH_WAYS, EngineHome } from '../../support/engine-home.js';
import { LiveBot, WorldClock } from './live-bot.js';

/** The open window makes entries for two hours, so that a busy machine misses none. */
export const LONG_ENTRIES = { OPEN_ANALYSIS_TIME: '5', OPEN_BREAKOUT_TIME: '100', OPEN_MONITORING_TIME: '40' };

/** The analysis of the open window is over: the first minute that the engine acts on may bring a position. */
export const IN_THE_OPEN_WINDOW = '2013-10-07T13:36:00.000Z';

/** A bot in `folder`, with a home that was set up just before, whose world starts in the open window. */
export async function botInTheOpenWindow(
  folder: string,
  speed: number,
  settings: Readonly<Record<string, string>> = {},
): Promise<{ readonly bot: LiveBot; readonly home: EngineHome }> {
  const home = await EngineHome.make(folder, IN_THE_OPEN_WINDOW, {
    settings: { ...BOTH_WAYS, ...LONG_ENTRIES, ...settings },
  });
  return { home, bot: new LiveBot(folder, new WorldClock(IN_THE_OPEN_WINDOW, speed)) };
}

/** Starts the bot and waits for its first position. */
export async function startTrading(bot: LiveBot, home: EngineHome): Promise<void> {
  await bot.start();
  await home.until('a position', ({ type }) => type === 'PositionOpened');
}
