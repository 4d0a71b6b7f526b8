export type Status = Readonly<Record<string, unknown>>;

/** What a person wants of status.json, as label and text; a part that is not there, or says nothing, is left out. */
export function statusLines(status: Status): readonly (readonly [string, string])[] {
  const lines: readonly (readonly [string, string | undefined])[] = [
    ['overall', withReasons(partOf(status, 'overall'))],
    ['session', sessionText(partOf(status, 'session'))],
    ['equity', textOf(status['equity'])],
    ['cash', textOf(status['cash'])],
    ['P&L of the day', textOf(partOf(status, 'daily')['PnL'])],
    ...positionLines(status['open_positions']),
    ['kill switch', killText(partOf(status, 'kill_switch'))],
    ['defense mode', sinceText('on', partOf(status, 'defense_mode'), 'active')],
    ['broker', unlessOk(partOf(status, 'broker'))],
    ['market data', unlessOk(partOf(status, 'market_data'))],
    ['as of', textOf(partOf(status, 'as_of')['time'])],
  ];
  return lines.flatMap(([label, text]) => (text === undefined ? [] : [[label, text] as const]));
}

/** What `overall` of status.json says: OK, Warning or Critical; undefined when it says nothing. */
export function overallOf(status: Status): string | undefined {
  return textOf(partOf(status, 'overall')['status']);
}

function withReasons(overall: Status): string | undefined {
  const { status, reasons } = overall;
  const why = Array.isArray(reasons) ? reasons.map(reasonText).join('; ') : '';
  return why === '' ? textOf(status) : `${textOf(status) ?? ''}: ${why}`;
}

function reasonText(reason: unknown): string {
  return typeof reason === 'string' ? reason : JSON.stringify(reason);
}

function sessionText(session: Status): string | undefined {
  const state = textOf(session['state']);
  const date = textOf(session['date']);
  if (state === undefined || date === undefined) return state;
  const phase = textOf(session['phase']);
  return [
    `${state} ${date}`,
    ...(phase === undefined ? [] : [`strategy ${phase}`]),
    `from ${textOf(session['opens_at']) ?? '?'} to ${textOf(session['closes_at']) ?? '?'}`,
  ].join(', ');
}

function positionLines(positions: unknown): readonly (readonly [string, string])[] {
  if (!Array.isArray(positions)) return [];
  if (positions.length === 0) return [['positions', 'none']];
  return positions.map((position, at) => [at === 0 ? 'positions' : '', positionText(asStatus(position))] as const);
}

function positionText(position: Status): string {
  const of = (key: string): string => textOf(position[key]) ?? '?';
  const stop = textOf(position['stop']);
  return (
    `${of('ticker')} ${of('trade_side')} ${of('size')} at ${of('average_price')}, strategy ${of('strategy_name')}` +
    (stop === undefined ? '' : `, stop ${stop}`)
  );
}

function killText(kill: Status): string | undefined {
  return sinceText('triggered', kill, 'triggered') ?? (kill['armed'] === true ? 'armed' : undefined);
}

function sinceText(word: string, part: Status, key: string): string | undefined {
  if (part[key] !== true) return undefined;
  const since = textOf(part['since']);
  const reason = textOf(part['reason']);
  return `${word}${since === undefined ? '' : ` since ${since}`}${reason === undefined ? '' : `: ${reason}`}`;
}

function unlessOk(part: Status): string | undefined {
  const state = textOf(part['state']);
  return state === undefined || state === 'ok' ? undefined : sinceText(state, { ...part, down: true }, 'down');
}

function partOf(status: Status, key: string): Status {
  return asStatus(status[key]);
}

function asStatus(value: unknown): Status {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}
