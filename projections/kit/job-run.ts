import type { RecordedEvent } from '../../src/events/event.js';
import { invariant } from '../../src/kernel/errors.js';
import type { FileText, KeptFile, ProjectionRun } from './projection.js';

/** The run of a projection that only makes files: it collects what events ask for, and has no rows, logs or state. */
export abstract class JobRun<Item> implements ProjectionRun {
  #items: Item[] = [];

  get dirty(): boolean {
    return this.#items.length > 0;
  }

  apply(event: RecordedEvent): void {
    const item = this.itemOf(event);
    if (item !== undefined) this.#items.push(item);
  }

  outputFiles(): readonly FileText[] {
    return [];
  }

  keptFiles(): readonly KeptFile[] {
    return [];
  }

  writeRows(): void {
    invariant(false, 'JOB_HAS_NO_ROWS', 'a job of files has no database');
  }

  logLines(): readonly never[] {
    return [];
  }

  stateFiles(): readonly never[] {
    return [];
  }

  stateText(): string {
    return '{}';
  }

  clear(): void {
    this.#items = [];
  }

  /** What the event asks for; undefined for nothing. */
  protected abstract itemOf(event: RecordedEvent): Item | undefined;

  protected get items(): readonly Item[] {
    return this.#items;
  }
}
