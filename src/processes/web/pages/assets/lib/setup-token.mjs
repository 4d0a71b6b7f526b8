import { field } from './form.mjs';

const NAME = 'tradebot.setup-token';
let kept = '';

/**
 * The one-time token as far as this tab knows it, or ''. It outlives a reload, and no other tab sees it. A link may bring
 * it behind the #, which a browser never sends; it does not stay in the address.
 */
export function setupToken() {
  const brought = new URLSearchParams(location.hash.slice(1)).get('token') ?? '';
  if (brought !== '') {
    history.replaceState(null, '', location.pathname);
    keepSetupToken(brought);
  }
  return kept || storage()?.getItem(NAME) || '';
}

/** Stores it for the first account, which needs it too. */
export function keepSetupToken(token) {
  kept = token;
  storage()?.setItem(NAME, token);
}

export function forgetSetupToken() {
  kept = '';
  storage()?.removeItem(NAME);
}

export const withSetupToken = (token) => ({ 'X-Setup-Token': token });

/** A browser may refuse storage; then the token lasts until the page is closed. */
function storage() {
  try {
    return sessionStorage;
  } catch {
    return undefined;
  }
}

export function setupTokenField() {
  return field({
    name: 'token',
    label: 'Set-up token',
    help: 'Printed at the start of TradeBot, below the address of this page. Each start prints a new one; it expires with the first account.',
    attrs: { autocomplete: 'off', autocapitalize: 'none', required: true },
  });
}
