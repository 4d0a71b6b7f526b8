import { isSettingUp, stageOf, type BotState } from '../../../domain/lifecycle/bot-state.js';
import { conflict, Problem } from './problem.js';

/**
 * Groups of routes (WEB-4):
 * - `always`       pages, description of the interface, minimal health, state: no data of the bot;
 * - `setup`        the set-up, until the home is provisioned;
 * - `registration` the first account, until there is one;
 * - `dashboard`    everything else, log-in included.
 */
export type RouteGroup = 'always' | 'setup' | 'registration' | 'dashboard';

/** Whether a part is served in a state: the table of bot states says which one is open (RUN-10, RUN-12). */
export function isServed(part: RouteGroup, state: BotState): boolean {
  return part === 'always' || part === stageOf(state).serves;
}

/** Why a part is not served now, and what to do: 409 when its time comes, 404 when it is over. */
export function notServed(part: RouteGroup, state: BotState): Problem {
  if (part === 'setup') {
    return over(
      'SETUP_IS_OVER',
      'The set-up is over: this bot is provisioned.',
      'Log in; settings have their own page.',
    );
  }
  if (isSettingUp(state)) {
    return conflict(
      'NOT_SET_UP',
      `The bot is in state ${state}: it is not set up yet.`,
      'Finish the set-up first, in a browser at /app/.',
    );
  }
  if (part === 'registration') {
    return over(
      'REGISTRATION_IS_OVER',
      'The first account is there already.',
      'Log in; an admin makes further accounts.',
    );
  }
  return conflict('NO_USER_YET', 'There is no user yet.', 'Create the first account, in a browser at /app/.');
}

function over(code: string, detail: string, remedy: string): Problem {
  return new Problem({ status: 404, code, detail, remedy });
}
