import type { EventData } from '../../events/event.js';

/** A difference between the users' database and the events of the users. */
export type UserDifference = EventData<'UserRecordsCompared'>['differences'][number];

/** The users' database is not there. */
export const DATABASE_MISSING: UserDifference = {
  subject: 'SYSTEM_USERS.db',
  what: 'database_missing',
  recorded: null,
  found: null,
};

/** One sentence without a remedy. */
export function userDifferenceText({ subject, what, recorded, found }: UserDifference): string {
  switch (what) {
    case 'database_missing':
      return `the users' database ${subject} is missing`;
    case 'user_missing':
      return `user ${subject} (${recorded ?? 'unknown'}) is not in the users' database`;
    case 'user_added':
      return `user ${subject} (${found ?? 'unknown'}) is in the users' database without an event`;
    case 'role':
      return `user ${subject} has role ${found ?? 'none'} in the users' database, ${recorded ?? 'none'} by the events`;
    case 'disabled':
      return `user ${subject} is ${found ?? 'unknown'} in the users' database, ${recorded ?? 'unknown'} by the events`;
  }
}
