import { api, send } from '../../api/client.js';
import { asProblem } from '../../api/problem.js';
import { queries } from '../../api/query.js';
import type { components } from '../../generated/api.js';

/** New texts by key, and pending changes to withdraw. */
export type Asked = Pick<components['schemas']['SettingsInput'], 'changes' | 'withdraw'>;

const CHANGED_MEANWHILE = 'CHANGED_MEANWHILE';

/**
 * Saves settings, or with `dryRun` only says what that would do; `etag` is that of the settings it was made of. Throws
 * Problem; when somebody else was first, what is stored now is read as well.
 */
export async function putSettings(
  body: components['schemas']['SettingsInput'],
  { etag, dryRun }: { readonly etag: string; readonly dryRun: boolean },
) {
  const query = dryRun ? { dryRun: true } : {};
  try {
    return await send(() => api.PUT('/api/settings', { body, params: { query }, headers: { 'If-Match': etag } }));
  } catch (error) {
    if (asProblem(error).code === CHANGED_MEANWHILE) void queries.invalidateQueries({ queryKey: ['settings'] });
    throw error;
  }
}
