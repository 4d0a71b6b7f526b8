/** The code of BrokerSuspended when the broker answers and refuses the key: only a person ends it. */
export const KEY_REFUSED = 'KEY_REFUSED';

const REFUSALS: readonly string[] = [KEY_REFUSED, 'BROKER_KEY', 'BROKER_KEY_REFUSED'];

/** Whether a call or a connection was refused for the key. */
export function isKeyRefusal(code: string): boolean {
  return REFUSALS.includes(code);
}

/** What a person does about it. */
export const KEY_REFUSED_REMEDY =
  'Nothing can be entered or closed by the bot: close open positions at the broker if need be. Enter a valid key under secrets, then stop and start TradeBot.';
