import { CONTRACT_UNITS, parseOption } from '../../src/domain/options/contract-name.js';
import type { TickerSymbol } from '../../src/events/names.js';
import type { Decimal, DecimalText } from '../../src/kernel/decimal.js';
import { aggregate, exact, type OfxNode } from './ofx-tree.js';

/** Decimals of a count of contracts, should shares that are no whole contract ever be booked under the name of an option. */
const CONTRACT_SCALE = 8;

/** UNITS of a security: contracts of an option, which the books count in shares; else shares. */
export function ofxUnits(symbol: string, units: Decimal): DecimalText {
  return parseOption(symbol) === undefined
    ? units.shortText()
    : units.divide(CONTRACT_UNITS, { scale: CONTRACT_SCALE, round: 'halfEven' }).shortText();
}

/** BUYOPT and SELLOPT around INVBUY and INVSELL, BUYSTOCK and SELLSTOCK for a share. UNITPRICE is the premium for a share in both. */
export function ofxTrade(symbol: string, side: 'BUY' | 'SELL' | 'SELLSHORT' | 'BUYTOCOVER', body: OfxNode): OfxNode {
  const buys = side === 'BUY' || side === 'BUYTOCOVER';
  if (parseOption(symbol) === undefined)
    return aggregate(buys ? 'BUYSTOCK' : 'SELLSTOCK', body, exact(buys ? 'BUYTYPE' : 'SELLTYPE', side));
  const type = { BUY: 'BUYTOOPEN', BUYTOCOVER: 'BUYTOCLOSE', SELL: 'SELLTOCLOSE', SELLSHORT: 'SELLTOOPEN' }[side];
  return aggregate(
    buys ? 'BUYOPT' : 'SELLOPT',
    body,
    exact(buys ? 'OPTBUYTYPE' : 'OPTSELLTYPE', type),
    exact('SHPERCTRCT', CONTRACT_UNITS.shortText()),
  );
}

/** POSOPT or POSSTOCK around INVPOS. */
export function ofxPosition(symbol: string, body: OfxNode): OfxNode {
  return aggregate(parseOption(symbol) === undefined ? 'POSSTOCK' : 'POSOPT', body);
}

/** OPTINFO with the terms of an option, STOCKINFO for a share. */
export function ofxSecurity(symbol: TickerSymbol, secinfo: OfxNode): OfxNode {
  const option = parseOption(symbol);
  if (option === undefined) return aggregate('STOCKINFO', secinfo);
  return aggregate(
    'OPTINFO',
    secinfo,
    exact('OPTTYPE', option.right === 'put' ? 'PUT' : 'CALL'),
    exact('STRIKEPRICE', option.strike.shortText(2)),
    // noon in New York: the same day in every zone of the Americas and Europe
    exact('DTEXPIRE', `${option.expiry.replaceAll('-', '')}170000.000[0:GMT]`),
    exact('SHPERCTRCT', CONTRACT_UNITS.shortText()),
  );
}
