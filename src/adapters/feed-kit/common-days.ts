import { dateOf, type DateText, type EpochMs } from '../../kernel/time.js';

/** The days that are in every list, in order. */
export function commonDays(lists: readonly (readonly DateText[])[]): readonly DateText[] {
  const [first = [], ...others] = lists.map((list) => new Set(list));
  return [...first].filter((date) => others.every((other) => other.has(date))).sort();
}

/** The texts that are dates of the calendar; a file may be named after the 31st of a short month. */
export function realDates(texts: readonly string[]): readonly DateText[] {
  return texts.filter((text): text is DateText => {
    const ms = Date.parse(`${text}T00:00:00.000Z`);
    return !Number.isNaN(ms) && dateOf(ms as EpochMs) === text;
  });
}
