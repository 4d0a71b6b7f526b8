import { api } from '../../api/client.js';
import type { components } from '../../generated/api.js';

/** New texts by key, and pending changes to withdraw. */
export type Asked = Pick<components['schemas']['SettingsInput'], 'changes' | 'withdraw'>;

/** Saves settings, or with `dryRun` only says what that would do; `etag` is that of the settings it was made of. */
export function putSettings(
  body: components['schemas']['SettingsInput'],
  { etag, dryRun }: { readonly etag: string; readonly dryRun: boolean },
) {
  const query = dryRun ? { dryRun: true } : {};
  return api.PUT('/api/settings', { body, params: { query }, headers: { 'If-Match': etag } });
}
