import type { StoredUser, UserStore, UserTable } from '../../ports/users.js';
import type { UserRecords } from './user-records.js';

/** A store whose users have no more rights than their events gave them. */
export function withRecordedUsers(store: UserStore, records: UserRecords): UserStore {
  const { sessions, tokens, attempts, devices, addresses, outbox } = store;
  return {
    ...{ sessions, tokens, attempts, devices, addresses, outbox },
    users: new RecordedUsers(store.users, records),
    atomically: (work) => store.atomically(work),
    bestEffort: (work) => store.bestEffort(work),
    stand: () => store.stand() + records.stand,
    isPresent: () => store.isPresent(),
    isReplaced: () => store.isReplaced(),
    close: () => store.close(),
  };
}

/** Reads pass through the records; writes go to the table as they are. */
class RecordedUsers implements UserTable {
  constructor(
    private readonly table: UserTable,
    private readonly records: UserRecords,
  ) {}

  count(): number {
    return this.table.count();
  }

  activeAdmins(): number {
    return this.list().filter(({ role, disabled }) => role === 'admin' && !disabled).length;
  }

  list(): readonly StoredUser[] {
    return this.table.list().map((user) => this.records.effective(user));
  }

  byId(userId: string): StoredUser | undefined {
    return this.#effective(this.table.byId(userId));
  }

  byName(name: string): StoredUser | undefined {
    return this.#effective(this.table.byName(name));
  }

  byEmail(email: string): StoredUser | undefined {
    return this.#effective(this.table.byEmail(email));
  }

  add: UserTable['add'] = (user) => this.table.add(user);
  change: UserTable['change'] = (userId, change) => this.table.change(userId, change);
  useCodeStep: UserTable['useCodeStep'] = (userId, step) => this.table.useCodeStep(userId, step);
  setRecoveryCodes: UserTable['setRecoveryCodes'] = (userId, hashes) => this.table.setRecoveryCodes(userId, hashes);
  useRecoveryCode: UserTable['useRecoveryCode'] = (userId, hash) => this.table.useRecoveryCode(userId, hash);
  recoveryCodesLeft: UserTable['recoveryCodesLeft'] = (userId) => this.table.recoveryCodesLeft(userId);

  #effective(user: StoredUser | undefined): StoredUser | undefined {
    return user === undefined ? undefined : this.records.effective(user);
  }
}
