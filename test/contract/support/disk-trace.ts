import { jest } from '@jest/globals';
import Database from 'better-sqlite3';
import * as fs from 'node:fs';

/** The disk operations of a program in order, and every SQLite connection that it opens. */
export interface DiskTrace {
  /** `sync NAME` and `rename A -> B`, with paths below the home and without random parts. */
  readonly steps: readonly string[];
  /** Writable connections that were opened, by path below the home, with `synchronous` as SQLite reports it at close. */
  readonly connections: readonly { readonly path: string; readonly synchronous: number }[];
  readonly start: (home: string) => void;
}

const RANDOM = /\.[0-9a-f]{12}(?=\.tmp)/;
const PID = /(?<=\.)\d+(?=\.tmp)/;

/** Puts recorders in front of `node:fs` and `better-sqlite3`. */
function traceDisk(): DiskTrace {
  const steps: string[] = [];
  const connections: { path: string; synchronous: number }[] = [];
  let home = '/nowhere';
  const short = (path: fs.PathLike): string =>
    String(path).replace(`${home}/`, '').replace(home, '.').replace(RANDOM, '').replace(PID, 'PID');

  const recorded = {
    ...fs,
    fsyncSync: (handle: number): void => {
      steps.push(`sync ${short(fs.readlinkSync(`/proc/self/fd/${handle}`))}`);
      fs.fsyncSync(handle);
    },
    renameSync: (from: fs.PathLike, to: fs.PathLike): void => {
      steps.push(`rename ${short(from)} -> ${short(to)}`);
      fs.renameSync(from, to);
    },
    linkSync: (from: fs.PathLike, to: fs.PathLike): void => {
      steps.push(`link ${short(from)} -> ${short(to)}`);
      fs.linkSync(from, to);
    },
  };
  jest.doMock('node:fs', () => recorded);

  class RecordedDatabase extends Database {
    override close(): this {
      if (this.open && !this.readonly && !this.memory) {
        const synchronous = Number(this.pragma('synchronous', { simple: true }));
        connections.push({ path: short(this.name), synchronous });
      }
      return super.close();
    }
  }
  jest.doMock('better-sqlite3', () => RecordedDatabase);

  return {
    steps,
    connections,
    start: (folder) => {
      home = folder;
      steps.length = 0;
      connections.length = 0;
    },
  };
}

/** Only modules that are imported after this one are recorded. */
export const disk = traceDisk();
