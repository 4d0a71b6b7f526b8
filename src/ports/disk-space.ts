/** Free space on the disk of a home. */
export interface DiskSpace {
  /** Bytes available to the process; undefined when unknown. */
  freeBytes(): number | undefined;
}
