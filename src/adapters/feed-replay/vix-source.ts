import type { Findings } from '../../domain/market/quality.js';
import { isVix, parseVix } from '../../domain/market/vix.js';
import { configError, dataError, type TradeBotError } from '../../kernel/errors.js';
import { DAY_MS, type DateText } from '../../kernel/time.js';
import { readDataFile, type DataFile } from '../feed-kit/data-files.js';
import { parseVixSeries, vixBefore, type VixSeries } from './vix-series.js';

export type VixOption = { readonly value: number } | { readonly file: string };

const STALE_DAYS = 10;

/** The value of `--vix`: a figure, or else the path of a file. Throws BAD_VIX for a figure that cannot be one of the VIX. */
export function vixOptionOf(text: string): VixOption {
  const value = parseVix(text);
  if (value !== undefined) return { value };
  if (isMeantAsFigure(text))
    throw badVix(text === '' ? '--vix is empty' : `--vix ${text.slice(0, 20)} is not a VIX figure`);
  return { file: text };
}

/** A number in any notation, or a text without a letter or a slash, such as 17,5. */
function isMeantAsFigure(text: string): boolean {
  return !/[\p{L}/]/u.test(text) || !Number.isNaN(Number(text)) || /^\s*[+-]?(inf|infinity|nan)\s*$/i.test(text);
}

function badVix(message: string): TradeBotError {
  return configError({
    code: 'BAD_VIX',
    message,
    remedy: 'Give an index figure above 0 and below 1000, such as 17.5, or the path of a CSV of date and close.',
  });
}

function checkedVix(value: number): number {
  if (isVix(value)) return value;
  throw badVix(`${value} is not a VIX figure`);
}

export interface KnownVix {
  readonly value: number | undefined;
  /** For descriptions, without paths of the machine. */
  readonly words: string;
  /** The files in the feed's digest. */
  readonly files: readonly DataFile[];
}

/** The VIX of a replayed session: never a figure of the day itself, so no look-ahead (BT-5). */
export class VixSource {
  private readonly constant: number | undefined;
  private loaded: { readonly file: DataFile; readonly series: VixSeries } | undefined;

  constructor(private readonly option: VixOption | undefined) {
    this.constant = option !== undefined && 'value' in option ? checkedVix(option.value) : undefined;
  }

  before(date: DateText, findings: Findings): KnownVix {
    if (this.option === undefined) return { value: undefined, words: 'unknown', files: [] };
    if ('value' in this.option) {
      const file = { name: 'vix-constant', path: '', bytes: Buffer.from(String(this.constant)) };
      return { value: this.constant, words: `${this.constant ?? ''} by setting`, files: [file] };
    }
    const { file, series } = this.load(this.option.file);
    const last = vixBefore(series, date);
    if (last !== undefined && Date.parse(date) - Date.parse(last.date) > STALE_DAYS * DAY_MS) {
      findings.add('VIX_STALE');
      return { value: undefined, words: 'unknown (stale)', files: [file] };
    }
    if (last?.isCutOff === true) findings.add('ROW_CUT_OFF');
    return { value: last?.close, words: last === undefined ? 'unknown' : `of ${last.date}`, files: [file] };
  }

  private load(path: string): { readonly file: DataFile; readonly series: VixSeries } {
    if (this.loaded === undefined) {
      const cut = path.lastIndexOf('/');
      const file = readDataFile(cut === -1 ? '.' : path.slice(0, cut), path.slice(cut + 1));
      if (file === undefined) {
        throw dataError({
          code: 'DATA_VIX_MISSING',
          message: `the VIX history ${path} does not exist`,
          remedy: 'Give a CSV of date and close, or one figure.',
        });
      }
      const named = { ...file, name: 'vix.csv' };
      this.loaded = { file: named, series: parseVixSeries(named) };
    }
    return this.loaded;
  }
}
