import { capital, words } from '../../lib/format.js';

/** Texts of the comparison of moments, sessions and configurations. */
export const compare = {
  modesLabel: 'What to compare',
  modes: { moments: 'Two moments', sessions: 'Two sessions', configurations: 'Two configurations' },
  name: (path: string): string => capital(words(path)).replace(/\bpnl\b/gi, 'P&L'),
  bridge: 'equity bridge',
  events: (types: string): string => `Its events: ${types}`,
  fromStart: 'First position (empty: set-up)',
  firstChange: 'First change that matters',
  sameSettings: 'Nothing differs: both positions have the same settings.',
  changedSettings: 'Settings that differ',
  settingRows: (changed: number, all: number): string => `${changed} of ${all} settings differ`,
  settingColumns: { key: 'Setting', a: 'First', b: 'Second', at: 'Changed (UTC)', event: 'Event' },
  secret: 'secret',
  notSet: 'not set',
  firstSession: 'First session',
  secondSession: 'Second session',
  fewSessions: 'Fewer than two closed sessions.',
  fewSessionsWhy: 'Sessions can be compared from the second one on.',
  firstDifference: 'First decision or execution that differs',
  equalBefore: (count: number): string =>
    count === 0
      ? 'Dates and ids are ignored. They differ from the start.'
      : `Dates and ids are ignored. ${count} before it ${count === 1 ? 'is' : 'are'} the same in both sessions.`,
  sameSession: (count: number): string => `Nothing differs: all ${count} decisions and executions are the same.`,
  noFurther: 'No further decision or execution.',
  theirSettings: 'Compare the configurations of both sessions',
  results: 'Results',
  rowsOf: {
    results: {
      ...{
        outcome: 'Outcome',
        signals: 'Signals',
        notTraded: 'Candidates not traded',
        orders: 'Orders',
        fills: 'Fills',
      },
      trades: 'Closed positions',
    },
  },
  a: 'First position',
  b: 'Second position (empty: now)',
  positions: 'Positions',
  help: 'Positions in the journal, as the Events page and every explanation show them.',
  same: 'Nothing differs: both positions show the same figures.',
  first: 'First event after the first position',
  noFirst: 'No event lies between the two positions.',
  between: (count: number, more: boolean): string =>
    `${more ? 'More than ' : ''}${count} ${count === 1 ? 'event' : 'events'} between the two positions`,
  types: { type: 'Event', count: 'Number' },
  changed: 'Figures that changed',
  columns: { figure: 'Figure', a: 'First', b: 'Second' },
  show: (position: string): string => `Dashboard at ${position}`,
  now: 'Dashboard now',
  absent: 'none',
  rows: (changed: number, all: number): string => `${changed} of ${all} figures differ`,
  none: 'No session yet.',
  noneWhy: 'Give two positions of the journal, or come back after the first session has opened.',
} as const;
