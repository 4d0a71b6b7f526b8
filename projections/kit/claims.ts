import { configError } from '../../src/kernel/errors.js';
import type { Projection } from './projection.js';

/** The text before and after the `*` of a claim; an exact path has no star. */
function parts(claim: string): readonly [string, string] | undefined {
  const star = claim.indexOf('*');
  return star < 0 ? undefined : [claim.slice(0, star), claim.slice(star + 1)];
}

/** Whether a claim covers a path; the star never crosses a folder. */
export function covers(claim: string, path: string): boolean {
  const pattern = parts(claim);
  if (pattern === undefined) return claim === path;
  const [before, after] = pattern;
  if (path.length < before.length + after.length || !path.startsWith(before) || !path.endsWith(after)) return false;
  return !path.slice(before.length, path.length - after.length).includes('/');
}

function overlap(a: string, b: string): boolean {
  const one = parts(a);
  const two = parts(b);
  if (one === undefined) return covers(b, a);
  if (two === undefined) return covers(a, b);
  const heads = one[0].startsWith(two[0]) || two[0].startsWith(one[0]);
  const tails = one[1].endsWith(two[1]) || two[1].endsWith(one[1]);
  const folders = one[0].lastIndexOf('/') === two[0].lastIndexOf('/');
  return heads && tails && folders;
}

/** Returns the list after checking JRN-23: no name twice, no file written by two projections or two targets. */
export function refuseSharedFiles(projections: readonly Projection[]): readonly Projection[] {
  const seen: { readonly claim: string; readonly owner: string }[] = [];
  const names = new Set<string>();
  for (const { name, claims } of projections) {
    if (names.has(name)) throw twice(`the projection ${name}`, name, name);
    names.add(name);
    for (const claim of claims) {
      const other = seen.find((item) => overlap(item.claim, claim));
      if (other !== undefined) throw twice(claim, other.owner, name);
      seen.push({ claim, owner: name });
    }
  }
  return projections;
}

function twice(what: string, first: string, second: string): Error {
  return configError({
    code: 'FILE_CLAIMED_TWICE',
    message: `${what} is claimed by ${first} and again by ${second}`,
    remedy: 'Let exactly one projection write each file.',
  });
}
