import { covers, type Role } from '../../domain/access/roles.js';
import type { UserDifference } from '../../domain/access/user-difference.js';
import type { EventType, Position, RecordedEvent } from '../../events/event.js';
import { STREAMS } from '../../events/streams.js';
import type { Journal } from '../../ports/journal.js';
import type { OutboxTable, StoredUser, UserTable } from '../../ports/users.js';

/** A user as the events have it. */
export interface RecordedUser {
  readonly role: Role;
  readonly disabled: boolean;
  /** Whether an admin chose the password, and the user has not replaced it. */
  readonly oneTimePassword: boolean;
}

const TYPES: readonly EventType[] = [
  'UserRegistered',
  'UserRoleChanged',
  'UserDisabled',
  'UserEnabled',
  'PasswordChanged',
];
const PAGE = 1_000;
const MOST_WAITING = 10_000;

/** Roles and locks of users by their events (SEC-10): what the users' database says beyond them does not count. */
export class UserRecords {
  readonly #users = new Map<string, RecordedUser>();
  #seen: Position | undefined;
  #stand = 0;

  constructor(private readonly journal: Pick<Journal, 'readAll'>) {}

  /** Folds what the journal has since the last call. Throws what reading throws. */
  async refresh(): Promise<void> {
    for (;;) {
      const page = await this.journal.readAll({
        filter: { types: TYPES },
        limit: PAGE,
        ...(this.#seen === undefined ? {} : { after: this.#seen }),
      });
      for (const event of page) this.#take(event);
      this.#seen = page.at(-1)?.position ?? this.#seen;
      if (page.length < PAGE) return;
    }
  }

  /** Grows with each event of users that was read. */
  get stand(): number {
    return this.#stand;
  }

  of(userId: string): RecordedUser | undefined {
    return this.#users.get(userId);
  }

  hasOneTimePassword(userId: string): boolean {
    return this.#users.get(userId)?.oneTimePassword ?? false;
  }

  /** Whether an admin is enabled by the events. */
  get hasAdmin(): boolean {
    return [...this.#users.values()].some(({ role, disabled }) => role === 'admin' && !disabled);
  }

  /** The user with the lesser rights of database and events; one without an event is disabled. */
  effective(user: StoredUser): StoredUser {
    const recorded = this.#users.get(user.userId);
    if (recorded === undefined) return { ...user, disabled: true };
    return { ...user, role: lesser(user.role, recorded.role), disabled: user.disabled || recorded.disabled };
  }

  /** Every difference; changes whose events wait for the journal are none. */
  differences(store: {
    readonly users: Pick<UserTable, 'list'>;
    readonly outbox: OutboxTable;
  }): readonly UserDifference[] {
    const waiting = new Set<string>(store.outbox.waiting(MOST_WAITING).map(({ stream }) => stream));
    const settled = (userId: string): boolean => !waiting.has(STREAMS.user(userId));
    const stored = new Map(store.users.list().map((user) => [user.userId, user]));
    const missing = [...this.#users].flatMap(([userId, { role, disabled }]): readonly UserDifference[] => {
      if (disabled || stored.has(userId) || !settled(userId)) return [];
      return [{ subject: userId, what: 'user_missing', recorded: role, found: null }];
    });
    return [
      ...missing,
      ...[...stored.values()].filter(({ userId }) => settled(userId)).flatMap((one) => this.#of(one)),
    ];
  }

  #of({ userId: subject, role, disabled }: StoredUser): readonly UserDifference[] {
    const recorded = this.#users.get(subject);
    if (recorded === undefined) return disabled ? [] : [{ subject, what: 'user_added', recorded: null, found: role }];
    const lock = (off: boolean): string => (off ? 'disabled' : 'enabled');
    return [
      ...(recorded.role === role ? [] : [{ subject, what: 'role' as const, recorded: recorded.role, found: role }]),
      ...(recorded.disabled === disabled
        ? []
        : [{ subject, what: 'disabled' as const, recorded: lock(recorded.disabled), found: lock(disabled) }]),
    ];
  }

  #take(event: RecordedEvent): void {
    this.#stand += 1;
    switch (event.type) {
      case 'UserRegistered':
        this.#users.set(event.data.userId, {
          role: event.data.role,
          disabled: false,
          oneTimePassword: event.data.oneTimePassword ?? false,
        });
        break;
      case 'UserRoleChanged':
        this.#change(event.data.userId, { role: event.data.to });
        break;
      case 'UserDisabled':
        this.#change(event.data.userId, { disabled: true });
        break;
      case 'UserEnabled':
        this.#change(event.data.userId, { disabled: false });
        break;
      case 'PasswordChanged':
        // hashed again is the same password
        if (event.data.how !== 'rehash') {
          this.#change(event.data.userId, { oneTimePassword: event.data.oneTime ?? false });
        }
        break;
      default:
    }
  }

  #change(userId: string, change: Partial<RecordedUser>): void {
    const user = this.#users.get(userId);
    if (user !== undefined) this.#users.set(userId, { ...user, ...change });
  }
}

/** Roles that do not include one another share the rights of a viewer. */
function lesser(one: Role, other: Role): Role {
  if (covers(other, one)) return one;
  return covers(one, other) ? other : 'viewer';
}
