const LOCAL_TIME = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** A UTC text of the server as local time, with the UTC text in its title. */
export function timeText(utc) {
  const node = document.createElement('time');
  if (!utc) return node;
  node.dateTime = utc;
  node.title = utc;
  node.textContent = LOCAL_TIME.format(new Date(utc));
  return node;
}

/** Exact decimal text with thousands separators; nothing is rounded or computed. */
export function money(text) {
  if (text === null || text === undefined) return 'none yet';
  const [whole = '', cents] = text.replace('-', '').split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return `${text.startsWith('-') ? '\u2212' : ''}$${grouped}${cents === undefined ? '' : `.${cents}`}`;
}

export function bytesText(count) {
  if (count === null || count === undefined) return '';
  if (count < 1024) return `${count} B`;
  if (count < 1024 * 1024) return `${(count / 1024).toFixed(1)} kB`;
  return `${(count / 1024 / 1024).toFixed(1)} MB`;
}

export function words(text) {
  return text.replaceAll('_', ' ');
}

export function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What "end all sessions" did. */
export function endedText({ ended, tokensRevoked }) {
  const sessions = `${ended} ${ended === 1 ? 'session was' : 'sessions were'} ended`;
  if (tokensRevoked === 0) return `${sessions}.`;
  return `${sessions}, ${tokensRevoked} ${tokensRevoked === 1 ? 'token was' : 'tokens were'} revoked.`;
}
