/** One server-sent event. */
export interface ServerEvent {
  /** Position in the journal; empty when it has none. */
  readonly id: string;
  readonly type: string;
  /** JSON as text. */
  readonly data: string;
}

/** The events of a stream, in order. `heard` is called for every piece, also for a heartbeat. */
export async function* eventsOf(body: ReadableStream<Uint8Array>, heard: () => void): AsyncGenerator<ServerEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  let event = { id: '', type: 'message', data: '' };
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    heard();
    const lines = (rest + decoder.decode(value, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') {
        if (event.data !== '') yield event;
        event = { id: '', type: 'message', data: '' };
      } else event = withLine(event, line);
    }
  }
}

function withLine(event: ServerEvent & { id: string }, line: string): ServerEvent {
  const at = line.indexOf(':');
  const [name, value] = at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1).replace(/^ /, '')];
  if (name === 'id') return { ...event, id: value };
  if (name === 'event') return { ...event, type: value };
  if (name === 'data') return { ...event, data: event.data === '' ? value : `${event.data}\n${value}` };
  return event;
}
