import type { UtcText } from '../../kernel/time.js';
import type { DeviceTable, StoredDevice } from '../../ports/users.js';
import type { StateDatabase } from './state-database.js';

interface DeviceRow {
  readonly device_hash: string;
  readonly user_id: string;
  readonly failures: number;
  readonly used_at: string;
}

/** Known devices in SYSTEM_USERS.db. */
export class SqliteDeviceTable implements DeviceTable {
  constructor(private readonly base: StateDatabase) {}

  of(deviceHash: string, userId: string): StoredDevice | undefined {
    const sql = 'SELECT * FROM known_devices WHERE user_id = ? AND device_hash = ?';
    const row = this.base.get<DeviceRow>(sql, userId, deviceHash);
    if (row === undefined) return undefined;
    return {
      deviceHash: row.device_hash,
      userId: row.user_id,
      failures: row.failures,
      usedAt: row.used_at as UtcText,
    };
  }

  put({ deviceHash, userId, failures, usedAt }: StoredDevice, keep: number): void {
    const sql = `INSERT INTO known_devices VALUES (?, ?, ?, ?) ON CONFLICT (user_id, device_hash) DO UPDATE SET
      failures = excluded.failures, used_at = excluded.used_at`;
    this.base.run(sql, deviceHash, userId, failures, usedAt);
    const oldest =
      'SELECT device_hash FROM known_devices WHERE user_id = ? ORDER BY used_at DESC, device_hash LIMIT -1 OFFSET ?';
    this.base.run(
      `DELETE FROM known_devices WHERE user_id = ? AND device_hash IN (${oldest})`,
      ...[userId, userId, keep],
    );
  }

  rename(from: string, to: string): void {
    this.base.run('UPDATE known_devices SET device_hash = ? WHERE device_hash = ?', to, from);
  }

  remove(deviceHash: string, userId: string): void {
    this.base.run('DELETE FROM known_devices WHERE user_id = ? AND device_hash = ?', userId, deviceHash);
  }

  removeAll(userId: string, except: string | null): void {
    this.base.run('DELETE FROM known_devices WHERE user_id = ? AND device_hash IS NOT ?', userId, except);
  }
}
