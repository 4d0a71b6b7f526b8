import type { EventData } from '../../events/event.js';

type ClockFault = EventData<'ClockFaultDetected'>;

const CAUSES: Readonly<Record<ClockFault['cause'], string>> = {
  jump: 'it was set by more than the time that passed',
  journal: 'the journal has later events',
  calendar: 'the exchange calendar does not have its year',
};

/** What a user can do about it. */
export const CLOCK_REMEDY =
  'Set the clock right. If it is right now, accept it with a reason, on the page or by "tradebot reset clock".';

/** What is wrong with the machine's clock, and what follows. */
export function clockFaultText({ cause, shown, used }: ClockFault): string {
  const works = shown === used ? '' : `; the bot works with ${used}`;
  return `the clock of this machine shows ${shown}, which cannot be right: ${CAUSES[cause]}${works}; entries are held`;
}
