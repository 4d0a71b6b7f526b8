import { canonicalJson } from '../../kernel/canonical-json.js';
import type { DateText, EpochMs } from '../../kernel/time.js';
import type { DataFindings } from '../../ports/market-data.js';
import type { EarlierMinutes } from '../../ports/market-recorder.js';
import type { DiskSpace } from '../../ports/disk-space.js';
import { KEPT_FREE_BYTES } from '../files/disk-reserve.js';
import { GrowingFile, textIfThere } from '../files/growing-file.js';
import { causeText, systemErrorCode } from '../files/system-error.js';
import { minuteLine, parsePart, partHead } from './recording-format.js';

/**
 * The minutes of a session on disk before it closes: each is appended whole when it ends. While the disk refuses, or has
 * only the space that exits and halts need, minutes wait in memory, at most those of the day.
 */
export class PartFile {
  readonly #file: GrowingFile | undefined;
  /** Text that the disk has not taken yet. */
  #waiting: string;
  #fault: string | undefined;

  /** Without a `file` what is there stays as it is: it may have minutes that cannot be read now. */
  private constructor(
    private readonly path: string,
    private readonly disk: DiskSpace,
    { file, head, fault }: { readonly file?: GrowingFile; readonly head: string; readonly fault?: string },
  ) {
    this.#file = file;
    this.#waiting = head;
    this.#fault = fault;
  }

  /** Opens the file of a day, cut at its last whole minute; never throws. `earlier` is undefined without such a file. */
  static open(
    path: string,
    date: DateText,
    disk: DiskSpace,
  ): { readonly part: PartFile; readonly earlier: EarlierMinutes | undefined } {
    try {
      const earlier = parsePart(textIfThere(path) ?? '', date);
      const file = new GrowingFile(path, earlier?.length ?? 0);
      return { part: new PartFile(path, disk, { file, head: earlier === undefined ? partHead(date) : '' }), earlier };
    } catch (error) {
      return {
        part: new PartFile(path, disk, { head: '', fault: `${path}: ${causeText(error)}` }),
        earlier: undefined,
      };
    }
  }

  /** Why minutes wait in memory; undefined when all are on disk, or the disk is full, which the watchdog reports. */
  get fault(): string | undefined {
    return this.#fault;
  }

  append(lines: readonly string[], start: EpochMs, findings: DataFindings): void {
    if (this.#file === undefined) return;
    const counts = Object.keys(findings).length === 0 ? '' : canonicalJson(findings);
    this.#waiting += [...lines, minuteLine(start, counts), ''].join('\n');
    if ((this.disk.freeBytes() ?? KEPT_FREE_BYTES) < KEPT_FREE_BYTES) return;
    try {
      this.#file.append(this.#waiting);
      this.#waiting = '';
      this.#fault = undefined;
    } catch (error) {
      this.#fault = isFull(error) ? undefined : `${this.path}: ${causeText(error)}`;
    }
  }

  /** The recording is complete elsewhere. A file that stays does no harm: it has the same minutes. */
  remove(): void {
    try {
      this.#file?.remove();
    } catch {
      // it stays
    }
  }
}

function isFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(systemErrorCode(error) ?? '');
}
