import type { components } from '../../generated/api.js';

/** An entry as the server lists it. */
export type Entry = components['schemas']['EntryAnswer'];

/** A line of the table: an entry, or a leg of one that is open. All lines are equally high. */
export type Line =
  | { readonly kind: 'entry'; readonly key: string; readonly entry: Entry; readonly open: boolean }
  | { readonly kind: 'leg'; readonly key: string; readonly entry: Entry; readonly leg: Entry['legs'][number] };

/** The lines of entries, with the legs of those that are open after each; a leg is asked for as `fitid:line`. */
export function linesOf(entries: readonly Entry[], isOpen: (fitid: string) => boolean): readonly Line[] {
  return entries.flatMap((entry): readonly Line[] => {
    const { fitid, legs } = entry;
    const open = isOpen(fitid);
    const head: Line = { kind: 'entry', key: fitid, entry, open };
    if (!open) return [head];
    return [head, ...legs.map((leg, at): Line => ({ kind: 'leg', key: `${fitid}:${at + 1}`, entry, leg }))];
  });
}
