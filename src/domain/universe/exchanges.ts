/** Names under which providers report an exchange: market codes, operator names, listing tiers. */
const NAMES: readonly (readonly [RegExp, string])[] = [
  [/^(XNAS|XNGS|XNMS|XNCM)$|NASDAQ/, 'NASDAQ'],
  [/^ARCX$|ARCA/, 'ARCA'],
  [/^XASE$|AMEX|AMERICAN STOCK|NYSE MKT|NYSE AMERICAN/, 'AMEX'],
  [/^XNYS$|^NYSE$|^NEW YORK STOCK EXCHANGE/, 'NYSE'],
  [/^(BATS|BATY|XCBO)$|CBOE/, 'BATS'],
  [/^(OOTC|OTCM|PINX|OTCQ|OTCB|CAVE|PSGM)$|^OTC/, 'OTC'],
];

/** The exchange under one name for all providers; one that is not known stays as reported, in capitals. */
export function exchangeName(reported: string): string {
  const text = reported.trim().toUpperCase();
  return NAMES.find(([shape]) => shape.test(text))?.[1] ?? text;
}
