import { readdirSync, readFileSync } from 'node:fs';

/**
 * Ids of the processes of this machine whose command line has `home` as one word and one of `programs` as another: the
 * children of a killed main. Empty where the machine has no /proc.
 */
export function processesOf(home: string, programs: readonly string[]): readonly number[] {
  return processIds().filter((pid) => {
    const words = commandLineOf(pid);
    return words.includes(home) && words.some((word) => programs.includes(word));
  });
}

function processIds(): readonly number[] {
  try {
    return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
  } catch {
    return [];
  }
}

/** Empty for a process that has just ended, and for one of another user. */
function commandLineOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\u0000');
  } catch {
    return [];
  }
}
