/** A row of the journal by its position. */
interface At {
  readonly position: string;
}

/**
 * The rows with those that came since before them. Undefined: the newest do not reach down to the rows, so events between the two
 * are not known here.
 */
export function withNewest<Row extends At>(newest: readonly Row[], rows: readonly Row[]): readonly Row[] | undefined {
  const first = rows[0];
  if (first === undefined || newest.length === 0) return newest.length === 0 ? rows : undefined;
  const place = newest.findIndex(({ position }) => position === first.position);
  if (place >= 0) return place === 0 ? rows : [...newest.slice(0, place), ...rows];
  // The rows were read after the newest.
  return rows.some(({ position }) => position === newest[0]?.position) ? rows : undefined;
}
