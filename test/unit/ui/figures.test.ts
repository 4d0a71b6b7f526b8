import { describe, expect, test } from '@jest/globals';
import { STATUS_SOURCES } from '../../../src/app/explain/figure-sources.js';
import { questionOf } from '../../../src/app/explain/question.js';
import { askedOf, figureAsked, FIGURES, headOf, isFigure } from '../../../src/ui/parts/figures.js';

/** Fields of the status that name or date something: they are explained by the position or the setting that they belong to. */
const NO_AMOUNT = [
  ...['ticker', 'trade_side', 'strategy_name', 'entry_timestamp', 'position_ids'].map(
    (name) => `open_positions.${name}`,
  ),
  ...['simulated', 'trading_hours', 'thresholds', 'max_trades'],
];

describe('the table of figures', () => {
  test('has each field of the status that a question explains', () => {
    const asked = Object.entries(STATUS_SOURCES).flatMap(([field, source]) => ('ask' in source ? [field] : []));
    expect(asked.length).toBeGreaterThan(40);
    expect(asked.filter((field) => !isFigure(field) && !NO_AMOUNT.includes(field))).toEqual([]);
  });

  test.each([
    ['realized:2013-10-07', 'Realized P&L, 2013-10-07'],
    ['realized', 'Realized P&L, total'],
    ['pnl:2013-10-07/open', 'Net P&L, 2013-10-07, open'],
    ['pnl:until/2013-10-07', 'Net P&L, up to 2013-10-07'],
    ['winrate:hour/10', 'Win rate, 10:00'],
    ['average:reason/stop_loss', 'Average, stop loss'],
    ['pnl:setting/open/TARGET_OPEN/2', 'Net P&L, open, TARGET_OPEN 2'],
    ['opening:2013-10-07/cap', 'Session cap, 2013-10-07'],
    ['bridge:2013-10-07/unrealized', 'Unrealized, 2013-10-07'],
    ['unrealized:AIG', 'Unrealized, AIG'],
    ['position:AIG', 'Shares, AIG'],
    ['setting:MAX_TRADES', 'Setting, MAX_TRADES'],
  ])('%s without the key of a figure is headed %s', (question, head) => {
    expect(questionOf(question).about).not.toBe('id');
    const figure = figureAsked(question);
    if (figure === undefined) throw new Error(`${question} has no figure`);
    expect(headOf(figure, askedOf(question))).toBe(head);
  });

  test('an id has none, and a text of an address that is no key names none', () => {
    expect(figureAsked('DEMO_US_SIM_B01-20131007-4')).toBeUndefined();
    expect(['toString', '__proto__', 'equity '].filter(isFigure)).toEqual([]);
    expect(isFigure('equity')).toBe(true);
  });

  test('no name is empty or ends with a mark', () => {
    expect(Object.values(FIGURES).filter(({ name }) => !/^[A-Z][^:]*[^:.]$/.test(name))).toEqual([]);
  });
});
