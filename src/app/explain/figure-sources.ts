import type { EventType } from '../../events/event.js';

/**
 * Where a field of a file or page comes from: the question that explains it (D is the date of the session, S a symbol, X a
 * strategy, K a setting), or the events that it shows as they are.
 */
type FigureSource =
  | { readonly ask: string }
  | { readonly decisions: 'tradebot decisions --date D' | 'tradebot decisions --date D --strategy X' }
  | { readonly events: readonly EventType[] }
  /** Not a figure: a name, a moment or a state of the file itself. */
  | { readonly label: string };

type Sources = Readonly<Record<string, FigureSource>>;

const ask = (question: string): FigureSource => ({ ask: question });
const events = (...types: readonly EventType[]): FigureSource => ({ events: types });
const label = (what: string): FigureSource => ({ label: what });
const DECISIONS: FigureSource = { decisions: 'tradebot decisions --date D' };

/** What to type for the explanation of a field, in words for a table. */
export function sourceText(source: FigureSource): string {
  if ('ask' in source) return `tradebot explain ${source.ask}`;
  if ('decisions' in source) return source.decisions;
  return 'events' in source ? `tradebot events --type ${source.events.join(',')}` : `(${source.label})`;
}

/** What the counts and results of strategies are made of. */
const DECISION_TYPES: readonly EventType[] = [
  ...(['SignalTriggered', 'CandidateRejected', 'EnhancementBlocked', 'TradeBlocked'] as const),
  ...(['OrderIntended', 'PositionClosed'] as const),
];

/** The events that a field without a question shows as they are; none for what is no figure. */
export function sourceTypes(source: FigureSource): readonly EventType[] {
  if ('events' in source) return source.events;
  return 'decisions' in source ? DECISION_TYPES : [];
}

/** Fields of status.json, which is also what `tradebot status` and the pages show; a name covers the fields below it. */
export const STATUS_SOURCES: Sources = {
  as_of: label('the last event of the file'),
  overall: label('made of the conditions'),
  conditions: label('each names its cause and remedy'),
  bot_state: events('BotStateChanged'),
  bot_state_reason: events('BotStateChanged'),
  bot_state_since: events('BotStateChanged'),
  bot_identity: label('the bot'),
  simulated: ask('setting:BROKER_NAME'),
  version_tag: events('SessionOpened'),
  uptime_seconds: events('BotStateChanged'),
  session: events('SessionOpened', 'SessionClosed', 'PhaseStarted', 'PhaseEnded'),
  trading_hours: ask('setting:K'),
  broker_account: events('BrokerSelected'),
  market_feed: events('MarketFeedSelected', 'SessionOpened'),
  market_quality: events('MarketDataRecorded'),
  broker: events('BrokerSuspended', 'BrokerResumed'),
  market_data: events('MarketDataLost', 'MarketDataRestored'),
  defense_mode: events('DefenseModeEntered', 'DefenseModeReset'),
  kill_switch: events('KillSwitchTripped', 'KillSwitchReset'),
  float: ask('float'),
  planned_float: events('ProvisioningCompleted'),
  equity: ask('equity'),
  cash: ask('cash'),
  assets: ask('assets'),
  liabilities: ask('liabilities'),
  NAV: ask('equity'),
  valuation: label('how positions are valued'),
  market_value: ask('value'),
  unrealized: ask('unrealized'),
  valued_at: events('PositionsMarked'),
  opening_equity: ask('opening:D'),
  daily_gain_loss: ask('gain:D'),
  'equity_bridge.opening_value': ask('bridge:D/opening'),
  'equity_bridge.realized': ask('realized:D'),
  'equity_bridge.fees': ask('fees:D'),
  'equity_bridge.other_income': ask('bridge:D/other'),
  'equity_bridge.unrealized': ask('bridge:D/unrealized'),
  'equity_bridge.transfers': ask('bridge:D/moved'),
  'equity_bridge.value': ask('bridge:D'),
  'daily.gross_pnl': ask('realized:D'),
  'daily.fees': ask('fees:D'),
  'daily.PnL': ask('result:D'),
  'daily.trading_pnl': ask('trading:D'),
  'daily.net_income': ask('result:D'),
  'cumulative.gross_pnl': ask('realized'),
  'cumulative.fees': ask('fees'),
  'cumulative.PnL': ask('result'),
  'cumulative.trading_pnl': ask('trading'),
  'cumulative.net_income': ask('result'),
  'win_rates.today': ask('winrate:D'),
  'win_rates.all': ask('winrate'),
  'win_rates.per_strategy': ask('winrate:X'),
  thresholds: ask('setting:K'),
  pending_settings: events('ConfigChangeDeferred', 'ConfigChangeWithdrawn'),
  max_trades: ask('setting:MAX_TRADES'),
  session_cap: ask('opening:D/cap'),
  'open_positions.ticker': ask('position:S'),
  'open_positions.trade_side': ask('position:S'),
  'open_positions.size': ask('position:S'),
  'open_positions.amount': ask('cost:S'),
  'open_positions.average_price': ask('entry:S'),
  'open_positions.last_price': ask('price:S'),
  'open_positions.unrealized': ask('unrealized:S'),
  'open_positions.strategy_name': ask('position:S'),
  'open_positions.entry_timestamp': ask('position:S'),
  'open_positions.stop': ask('stop:S'),
  'open_positions.position_ids': ask('position:S'),
  unresolved_orders: events('OrderUnresolved', 'OrderResolved'),
  strategy_states: events('StrategyStarted', 'StrategyEnded', 'StrategyFailed', 'StrategySkipped'),
  strategy_last_run: { decisions: 'tradebot decisions --date D --strategy X' },
  confirmations: events('EntryConfirmationRequested', 'EntryConfirmationDecided'),
  jobs: events(
    'ReconciliationCompleted',
    'BackupCompleted',
    'BackupFailed',
    'OfxExported',
    'BooksExported',
    'ProjectionsChecked',
    'JournalRestored',
    'SealsAnchored',
    'SealAnchorFailed',
    'UniversePublished',
    'UniverseBuildFailed',
  ),
  universe_status: events(
    'UniverseBuildStarted',
    'UniverseBuildProgressed',
    'UniversePublished',
    'UniverseBuildFailed',
    'UniverseBuildSkipped',
  ),
  holdings_compliance: label('not in this version'),
  reconciliation: events('ReconciliationCompleted', 'ReconciliationMismatchFound'),
  books_comparison: events('BooksCompared', 'BooksMismatchFound', 'BooksMismatchResolved'),
  share_conversions: events('SharesConverted'),
  foreign_account: events('ForeignOrderSeen', 'ForeignFillBooked', 'ForeignFillBusted'),
  watchdog: events('WatchdogStateChanged'),
  processes: events('ProcessStarted', 'ProcessStopped', 'ProcessCrashed'),
  ownership: events('OwnershipTaken', 'OwnershipEnded'),
  journal_streams: events('StreamRightsChecked', 'ForeignEventsFound', 'ForeignEventsAcknowledged'),
  checks: events('BuildCheckCompleted', 'SelfCheckCompleted'),
  test_mode: events('TestRunStarted', 'TestRunEnded'),
  last_trade_id: events('OrderFilled'),
  last_error: events('ErrorRecorded'),
  projections: label('how far each file has followed the journal'),
};

/** Fields of the daily summary. */
export const SUMMARY_SOURCES: Sources = {
  market_data: events('MarketDataRecorded'),
  date: label('the session'),
  broker: events('SessionOpened'),
  version_tag: events('SessionOpened'),
  outcome: events('SessionClosed'),
  total_trades: ask('count:D'),
  wins: ask('winrate:D'),
  win_rate: ask('winrate:D'),
  win_rate_per_strategy: ask('winrate:D/X'),
  gross_pnl: ask('realized:D'),
  fees: ask('fees:D'),
  PnL: ask('trading:D'),
  trading_pnl: ask('trading:D'),
  net_income: ask('result:D'),
  slippage: ask('slippage:D'),
  average_pnl_per_trade: ask('average:D'),
  max_gain: ask('pnl:D'),
  max_loss: ask('pnl:D'),
  average_holding_time: events('PositionClosed'),
  trade_count_vs_signals_triggered: DECISIONS,
  most_profitable_tickers: ask('pnl:D'),
  worst_tickers: ask('pnl:D'),
  exits_by_reason: ask('pnl:D'),
  'strategies.*.candidates': DECISIONS,
  'strategies.*.signals': DECISIONS,
  'strategies.*.blocked': DECISIONS,
  'strategies.*.entries': DECISIONS,
  'strategies.*.failed': DECISIONS,
  'strategies.*.trades': ask('count:D/X'),
  'strategies.*.wins': ask('winrate:D/X'),
  'strategies.*.win_rate': ask('winrate:D/X'),
  'strategies.*.gross_pnl': ask('gross:D/X'),
  'strategies.*.fees': ask('charges:D/X'),
  'strategies.*.PnL': ask('pnl:D/X'),
  orders: events('OrderIntended', 'OrderFilled', 'OrderCancelled', 'OrderExpired', 'OrderUnresolved', 'OrderRejected'),
  latency: events('SignalTriggered', 'OrderIntended', 'OrderSubmitted', 'OrderAcknowledged', 'OrderFilled'),
  blocks_by_filter: DECISIONS,
  blocks_by_risk_gate: DECISIONS,
  refused_candidates: DECISIONS,
  refused_orders: events('OrderRejected'),
  risk_triggers: events(
    'KillSwitchTripped',
    'DefenseModeEntered',
    'RiskLimitBreached',
    'BrokerSuspended',
    'MarketDataLost',
  ),
  errors: events('ErrorRecorded'),
  opening_equity: ask('opening:D'),
  closing_equity: ask('equity'),
  day_result: ask('gain:D'),
  equity_bridge: ask('bridge:D'),
  float_at_start: ask('opening:D/float'),
  open_positions: events('SessionClosed'),
  reconciliation: events('ReconciliationCompleted'),
  checks: label('whether the figures of three sources are equal'),
};
