/** Texts of the comparison of two positions. */
export const compare = {
  a: 'First position',
  b: 'Second position (empty: now)',
  moments: 'Two moments',
  help: 'Positions of the journal. The Events page has them; so has each event that explains a figure.',
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
  absent: 'not there',
  rows: (changed: number, all: number): string => `${changed} of ${all} figures differ`,
  reversed: 'The second position lies before the first.',
  none: 'No session yet.',
  noneWhy: 'Give two positions of the journal, or come back after the first session has opened.',
} as const;
