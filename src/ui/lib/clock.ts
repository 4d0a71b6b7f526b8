/** The time of this browser: for ages since an answer only; the time of the bot comes from the server. */
export function browserNow(): number {
  return Date.now();
}
