import { Fields } from '../broker-common/fields.js';
import { parseExactJson } from '../broker-common/exact-json.js';
import { WireLine, type LineFrame, type LineOptions, type LinePauses, type LineTalk } from '../broker-common/line.js';
import type { BrokerAccountAddress } from '../broker-common/account-address.js';
import type { RawFrames } from '../../ports/raw-frames.js';
import { alpacaHosts } from './hosts.js';
import { isObject } from './refusals.js';

/** One message of the stream trade_updates. */
export interface TradeUpdate {
  readonly event: string;
  readonly fields: Fields;
  readonly frame: LineFrame;
}

export interface TradeUpdatesOptions {
  readonly account: BrokerAccountAddress;
  readonly raw: RawFrames;
  readonly pauses?: LinePauses;
  readonly onUpdate: (update: TradeUpdate) => void;
  /** A frame that cannot be read: it is kept as evidence, and later frames are read. */
  readonly onUnreadable: (frame: LineFrame, reason: string) => void;
  readonly onOpen: () => Promise<void>;
  readonly onState: LineOptions['onState'];
}

/** The stream of reports on orders. */
export function tradeUpdates(options: TradeUpdatesOptions): WireLine {
  const { account, raw, pauses, onOpen, onState } = options;
  const line: LineOptions = {
    source: 'ALPACA',
    channel: 'trade_updates',
    url: () => alpacaHosts(account.url).orderStream,
    raw,
    handshake: (talk) => logIn(account, talk),
    onFrame: (frame) => take(options, frame),
    onOpen,
    onState,
    ...(pauses === undefined ? {} : { pauses }),
  };
  return new WireLine(line);
}

function logIn({ apiKey, secretKey }: BrokerAccountAddress, talk: LineTalk): (frame: LineFrame) => void {
  talk.send(
    JSON.stringify({ action: 'authenticate', data: { key_id: apiKey.reveal(), secret_key: secretKey.reveal() } }),
  );
  return ({ text }) => {
    const message = messageOf(text);
    const data = message?.has('data') === true && isObject(message.raw('data')) ? message.object('data') : undefined;
    const stream = message?.textOr('stream', '') ?? '';
    if (stream === 'authorization') {
      const status = data?.textOr('status', '') ?? '';
      if (status === 'authorized')
        talk.send(JSON.stringify({ action: 'listen', data: { streams: ['trade_updates'] } }));
      else talk.failed(`the broker refused the key (${status.slice(0, 40)})`, 'KEY_REFUSED');
      return;
    }
    if (stream === 'listening') {
      const streams = data?.raw('streams');
      if (Array.isArray(streams) && streams.includes('trade_updates')) talk.done();
      else talk.failed('the broker does not send reports on orders');
      return;
    }
    const error = data?.textOr('error_message', '') ?? '';
    if (error !== '') talk.failed(error.slice(0, 200));
  };
}

function messageOf(text: string): Fields | undefined {
  try {
    return Fields.of(parseExactJson(text), 'message');
  } catch {
    return undefined;
  }
}

function take({ onUpdate, onUnreadable }: TradeUpdatesOptions, frame: LineFrame): void {
  const message = messageOf(frame.text);
  if (message === undefined) {
    onUnreadable(frame, 'it is not a JSON object');
    return;
  }
  if (message.textOr('stream', '') !== 'trade_updates') return;
  if (!isObject(message.raw('data'))) {
    onUnreadable(frame, 'it has no data');
    return;
  }
  const fields = message.object('data');
  onUpdate({ event: fields.textOr('event', ''), fields, frame });
}
