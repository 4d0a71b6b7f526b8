/** Free space of the disk that a home lies on, for whoever may write there. */
export interface DiskSpace {
  /** Bytes; undefined when the system does not say. */
  freeBytes(): number | undefined;
}
