import { randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { OwnershipMachine } from '../../app/ownership/ownership-deps.js';
import type { Owner } from '../../domain/ownership/ownership.js';
import { naturalKeyId, sha256Hex, type Uuid } from '../../kernel/hash.js';
import { readClocks } from '../clock/steady-clock.js';

/** Place of the start of a process among the fields of its /proc file that follow its name; its state is the first of them. */
const START_FIELD = 19;
/** A process that ended and that nobody has waited for: it never acts again. */
const DEAD = ['Z', 'X'];

export interface OwnerMachineOptions {
  readonly home: string;
  readonly pid: number;
  /** A process that never acts at the broker itself: its successor in this home need not wait for its end. */
  readonly parent?: number;
}

/** This process as an owner of its bot, with the clocks, the chance and the evidence of its machine. */
export function ownerMachine({ home, pid, parent }: OwnerMachineOptions): OwnershipMachine {
  const boot = textOf('/proc/sys/kernel/random/boot_id');
  // a container sees no process of another one on the same machine, and says nothing of theirs
  const scope = [boot, namespaceOfProcesses()].join(':');
  const labelOf = (id: number): string => `${scope}/${id}/${startOf(id)}`;
  const path = realpathSync(home);
  const { dev, ino } = statSync(path);
  const place = [textOf('/etc/machine-id'), path, String(dev), String(ino)];
  const self: Owner = {
    machine: hostname(),
    home: path,
    fingerprint: sha256Hex(JSON.stringify(place)),
    process: labelOf(pid),
    instance: newNonce('instance'),
  };
  return {
    self,
    hasEnded: ({ process: label }) => {
      const [ofScope, id] = label.split('/');
      if (boot === '' || ofScope !== scope) return false;
      return labelOf(Number(id)) !== label || (parent !== undefined && label === labelOf(parent));
    },
    read: readClocks,
    nonce: () => newNonce('nonce'),
    pause: (ms, signal) => pause(ms, undefined, signal === undefined ? {} : { signal }),
  };
}

/**
 * Random, also in two copies of this very process or machine: the kernel renews its own chance when a machine was copied, and the time
 * in nanoseconds is read at each call.
 */
function newNonce(kind: string): Uuid {
  const fresh = textOf('/proc/sys/kernel/random/uuid');
  return naturalKeyId(kind, fresh, randomBytes(16).toString('hex'), String(process.hrtime.bigint()));
}

/** When a process started, in ticks since the start of the machine; empty when there is none that runs. */
function startOf(pid: number): string {
  const stat = textOf(`/proc/${pid}/stat`);
  // the name of the process is in parentheses and may have any character
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return DEAD.includes(fields[0] ?? '') ? '' : (fields[START_FIELD] ?? '');
}

/** The processes that this one can see; empty where the machine does not say it. */
function namespaceOfProcesses(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

/** Empty for a file that is not there. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}
