/** What to ask about a setting whose key was typed; undefined for another text, or for a user who may not read settings. */
export function settingSubject(typed: string, permissions: readonly string[]): string | undefined {
  return /^[A-Z][A-Z0-9]*_[A-Z0-9_]+$/.test(typed) && permissions.includes('settings') ? `setting:${typed}` : undefined;
}
