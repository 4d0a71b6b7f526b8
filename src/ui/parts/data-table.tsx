import { Button, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useEffect, useRef, useState, type ReactElement, type ReactNode } from 'react';
import { useParams, useSetParams } from '../lib/url.js';
import { Icon } from './icon.js';
import { parts } from './messages.js';

/** A column: its heading, and the cell of a row. */
export interface Column<Row> {
  readonly key: string;
  readonly head: string;
  /** What the heading means, for a pointer that rests on it. */
  readonly title?: string;
  readonly cell: (row: Row) => ReactNode;
  /** Numbers stand at the right. */
  readonly right?: boolean;
  /** Shown from the width of a tablet on. */
  readonly wide?: boolean;
  /** Shown only where the screen has room for every column; what it says stands in an explanation of the row too. */
  readonly roomy?: boolean;
}

/** More rows of the server. */
export interface More {
  readonly has: boolean;
  readonly busy: boolean;
  readonly load: () => void;
}

const ROW_PX = 34;
const OVERSCAN = 12;
/** Fewer rows are counted at a glance. */
const COUNTED_FROM = 20;
/** Fewer rows are drawn as they are, so that the page scrolls instead of a box in it. */
const VIRTUAL_FROM = 60;

/**
 * A table of any length: only the rows in sight are drawn, and the next page is read when the end comes near. Sorting and
 * filtering are the server's; the filter stands in the address (`FilterBox`). `detail` is a line below each row, over all columns:
 * for a list that stays short, since a row is then higher than those of a long one are taken to be.
 */
export function DataTable<Row>({
  label,
  columns,
  rows,
  rowKey,
  more,
  empty,
  detail,
}: {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  readonly more?: More;
  readonly empty?: ReactNode;
  readonly detail?: (row: Row) => ReactNode;
}): ReactElement {
  const box = useRef<HTMLDivElement>(null);
  const virtual = rows.length >= VIRTUAL_FROM;
  const virtualizer = useVirtualizer({
    count: rows.length,
    enabled: virtual,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
  });
  const items = virtualizer.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (virtual && more?.has === true && !more.busy && last >= rows.length - OVERSCAN) more.load();
  }, [virtual, last, rows.length, more]);
  const foot = (
    <div className="table-foot">
      {rows.length < COUNTED_FROM ? null : <span className="dim">{parts.rows(rows.length)}</span>}
      {more?.has === true ? (
        <Button size="compact-sm" variant="default" onClick={more.load} loading={more.busy}>
          {parts.moreRows}
        </Button>
      ) : null}
    </div>
  );
  if (rows.length === 0) {
    return (
      <>
        <div className="table-empty">{more?.has === true ? parts.noneYet : (empty ?? parts.noRows)}</div>
        {foot}
      </>
    );
  }
  const shown = virtual ? items.flatMap(({ index }) => rows[index] ?? []) : rows;
  const above = virtual ? (items[0]?.start ?? 0) : 0;
  const below = virtual ? Math.max(0, virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0)) : 0;
  return (
    <div>
      <div
        ref={box}
        className={virtual ? 'table-box table-virtual' : 'table-box'}
        tabIndex={0}
        role="region"
        aria-label={label}
      >
        <Rows
          {...{ columns, rows: shown, rowKey, above, below, detail }}
          count={more?.has === true ? -1 : rows.length}
        />
      </div>
      {foot}
    </div>
  );
}

/** The rows in sight, with empty space for those above and below. */
function Rows<Row>({
  columns,
  rows,
  rowKey,
  above,
  below,
  count,
  detail,
}: {
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  readonly above: number;
  readonly below: number;
  readonly count: number;
  readonly detail: ((row: Row) => ReactNode) | undefined;
}): ReactElement {
  return (
    <table className="data-table" aria-rowcount={count}>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column.key} scope="col" className={classOf(column)} title={column.title}>
              {column.head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {above > 0 ? <Spacer height={above} columns={columns.length} /> : null}
        {rows.map((row) => (
          <DrawnRow key={rowKey(row)} columns={columns} row={row} detail={detail} />
        ))}
        {below > 0 ? <Spacer height={below} columns={columns.length} /> : null}
      </tbody>
    </table>
  );
}

/** Drawn again only when its row or the columns are others: a new row at the top leaves those below as they are. */
const DrawnRow = memo(function DrawnRow<Row>({ columns, row, detail }: DrawnRowOptions<Row>): ReactElement {
  return (
    <>
      <tr>
        {columns.map((column) => (
          <td key={column.key} className={classOf(column)}>
            {column.cell(row)}
          </td>
        ))}
      </tr>
      {detail === undefined ? null : (
        <tr className="row-detail">
          <td colSpan={columns.length}>{detail(row)}</td>
        </tr>
      )}
    </>
  );
}) as <Row>(props: DrawnRowOptions<Row>) => ReactElement;

interface DrawnRowOptions<Row> {
  readonly columns: readonly Column<Row>[];
  readonly row: Row;
  readonly detail: ((row: Row) => ReactNode) | undefined;
}

function Spacer({ height, columns }: { readonly height: number; readonly columns: number }): ReactElement {
  return (
    <tr aria-hidden="true">
      <td colSpan={columns} style={{ height, padding: 0 }} />
    </tr>
  );
}

function classOf<Row>({ right = false, wide = false, roomy = false }: Column<Row>): string {
  return [right ? 'right num' : '', wide ? 'from-tablet' : '', roomy ? 'from-desktop' : ''].join(' ').trim();
}

const TYPING_MS = 250;

/** A filter whose text stands in the address as `param`, so that a link shows the same rows. */
export function FilterBox({ param, label }: { readonly param: string; readonly label: string }): ReactElement {
  const { [param]: asked = '' } = useParams();
  const setParams = useSetParams();
  const [typed, setTyped] = useState(asked);
  const apply = useDebouncedCallback((text: string) => setParams({ [param]: text.trim() }), TYPING_MS);
  useEffect(() => setTyped(asked), [asked]);
  return (
    <TextInput
      className="filter-box"
      size="sm"
      aria-label={label}
      placeholder={label}
      leftSection={<Icon name="filter" size={14} />}
      value={typed}
      onChange={({ currentTarget }) => {
        setTyped(currentTarget.value);
        apply(currentTarget.value);
      }}
    />
  );
}
