import { csvField } from '../kit/records.js';

/**
 * Runs of control characters, line and paragraph separators: they would break a line, so each run becomes a space.
 * Fixed code points and no Unicode classes: a class grows with the ICU of the machine, the bytes of an export may not.
 */
const BREAKING = new RegExp('[\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029]+', 'gu');
/** Invisible marks that hide or reorder text, half surrogates, and the code points that XML forbids. */
const HIDDEN = new RegExp(
  '[\\u00ad\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u2064\\ufeff\\ufffe\\uffff\\ud800-\\udfff]',
  'gu',
);

/** Words of printable ASCII with single spaces: nearly every text, and it needs no change. */
const PLAIN = /^[!-~]+(?: [!-~]+)*$/u;

/** One line of visible text, trimmed, with single spaces, at most `max` characters (code points). */
export function oneLine(text: string, max = 255): string {
  if (text.length <= max && PLAIN.test(text)) return text;
  const visible = text.replace(BREAKING, ' ').replace(HIDDEN, '').replace(/\s+/gu, ' ').trim();
  return visible.length <= max ? visible : Array.from(visible).slice(0, max).join('').trim();
}

const ACCENTS = new RegExp('[\\u0300-\\u036f]', 'gu');
const TYPOGRAPHY: readonly (readonly [RegExp, string])[] = [
  [new RegExp('[\\u2018\\u2019]', 'gu'), "'"],
  [new RegExp('[\\u201c\\u201d]', 'gu'), '"'],
  [new RegExp('[\\u2010-\\u2015]', 'gu'), '-'],
];

/**
 * The nearest ASCII, for OFX: ofxparse 0.21 refuses a whole 2.x file over one other byte, and libofx warns that it may
 * garble it. Accents are removed, other characters become `?`. All other exports keep the text.
 */
export function asciiLine(text: string, max: number): string {
  if (text.length <= max && PLAIN.test(text)) return text;
  let plain = oneLine(text, Number.MAX_SAFE_INTEGER);
  for (const [mark, ascii] of TYPOGRAPHY) plain = plain.replace(mark, ascii);
  const ascii = plain
    .normalize('NFKD')
    .replace(ACCENTS, '')
    .replace(/[^ -~]/gu, '?');
  return oneLine(ascii, max);
}

const SPREADSHEET_FORMULA = /^[=+@\-\t]/u;

/** A spreadsheet must not run what a broker wrote: text that looks like a formula gets a leading apostrophe. */
function notAFormula(text: string): string {
  return SPREADSHEET_FORMULA.test(text) ? `'${text}` : text;
}

/** A text field, not a figure. */
export function csvText(text: string): string {
  return csvField(notAFormula(oneLine(text)));
}
