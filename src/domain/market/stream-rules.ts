/**
 * Rules for data that comes as a stream (TRD-2): what is late, early, repeated or of nobody. `drop` ignores the item,
 * `keep` uses it unchanged, `repair` uses it as described.
 */
export const STREAM_RULES = {
  BAR_REPEATED: { treatment: 'drop', means: 'the bar of a minute again, unchanged' },
  BAR_CORRECTED: { treatment: 'repair', means: 'another bar for a minute that is still open: the later one counts' },
  BAR_UNKNOWN_SYMBOL: { treatment: 'drop', means: 'its symbol is not part of the session' },
  BAR_OUTSIDE_SESSION: { treatment: 'drop', means: 'its minute is before the open or after the close' },
  BAR_EARLY: { treatment: 'keep', means: 'its minute begins after the current time: kept for its minute' },
  BAR_FUTURE: { treatment: 'drop', means: 'its minute begins more than two minutes after the current time' },
  BAR_FROM_TRADES: { treatment: 'repair', means: 'a minute without a bar: made from its trades' },
  QUOTE_REPEATED: { treatment: 'drop', means: 'the quotes of a minute again, unchanged' },
  QUOTE_CORRECTED: { treatment: 'repair', means: 'other quotes for a minute that is still open: the later ones count' },
  QUOTE_UNKNOWN_SYMBOL: { treatment: 'drop', means: 'as for bars' },
  QUOTE_OUTSIDE_SESSION: { treatment: 'drop', means: 'as for bars' },
  QUOTE_EARLY: { treatment: 'keep', means: 'as for bars' },
  QUOTE_FUTURE: { treatment: 'drop', means: 'as for bars' },
  TRADE_LATE: { treatment: 'drop', means: 'arrives after its minute was closed' },
  TRADE_REPEATED: { treatment: 'drop', means: 'a trade with an id that is known' },
  TRADE_UNKNOWN_SYMBOL: { treatment: 'drop', means: 'as for bars' },
  TRADE_OUTSIDE_SESSION: { treatment: 'drop', means: 'as for bars' },
  TRADE_EARLY: { treatment: 'keep', means: 'as for bars' },
  TRADE_FUTURE: { treatment: 'drop', means: 'as for bars' },
  TRADE_BAD_FIGURE: { treatment: 'drop', means: 'the price or the size is missing, negative or implausible' },
  TRADE_TOO_MANY: { treatment: 'drop', means: 'more than 20,000 trades of a symbol in a minute' },
  TRADE_PART_OF_MINUTE: { treatment: 'drop', means: 'of a minute that was not heard from its start: makes no bar' },
  HALT_LATE: { treatment: 'keep', means: 'a halt or its end in a minute that was closed: counts from now on' },
  HALT_UNKNOWN_SYMBOL: { treatment: 'drop', means: 'as for bars' },
  HALT_FUTURE: { treatment: 'drop', means: 'more than two minutes after the current time' },
  VIX_LATE: { treatment: 'keep', means: 'a VIX figure of a minute that was closed: counts from now on' },
  VIX_FUTURE: { treatment: 'drop', means: 'more than two minutes after the current time' },
  VIX_BAD_FIGURE: { treatment: 'drop', means: 'the figure is not above 0 and below 1000' },
  LINE_REFUSED: {
    treatment: 'keep',
    means: 'the source gives no data of a symbol: no subscription, or too many of them',
  },
  MINUTE_MISSED: { treatment: 'keep', means: 'nobody listened, and the feed cannot give the minute again' },
  MINUTE_BACKFILLED: { treatment: 'keep', means: 'nobody listened: the feed gave the minute again afterwards' },
} as const satisfies Readonly<
  Record<string, { readonly treatment: 'drop' | 'keep' | 'repair'; readonly means: string }>
>;
