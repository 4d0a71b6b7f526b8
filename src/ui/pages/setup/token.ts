import { tokenOfAddress } from '../../lib/address-token.js';

const NAME = 'tradebot.setup-token';
let held = '';

/** The set-up token as far as this tab knows it, or ''. A link may bring it. */
export function setupToken(): string {
  const brought = tokenOfAddress();
  if (brought !== '') keepSetupToken(brought);
  return held || (storage()?.getItem(NAME) ?? '');
}

/** Keeps it for the first account, which needs it too. */
export function keepSetupToken(token: string): void {
  held = token;
  storage()?.setItem(NAME, token);
}

/** It was wrong, or has served. */
export function forgetSetupToken(): void {
  held = '';
  storage()?.removeItem(NAME);
}

/** The header that carries it. */
export const withSetupToken = (token: string): Readonly<Record<string, string>> => ({ 'X-Setup-Token': token });

/** Of this tab only. A browser may refuse it: then the token lasts until the page is left. */
function storage(): Storage | undefined {
  try {
    return sessionStorage;
  } catch {
    return undefined;
  }
}
