import { lazy, Suspense, type ReactElement } from 'react';
import { Loading } from './state.js';

/** A series of a plot: its name, and its values as numbers for the drawing alone. */
export interface PlotSeries {
  readonly name: string;
  readonly values: readonly number[];
  /** A line, an area to zero, or bars. */
  readonly as: 'line' | 'area' | 'bars';
  /** Name of a colour of styles/tokens.css. */
  readonly colour: 'link' | 'down' | 'dim';
}

/** What a plot draws: points at equal distances with their labels. */
export interface PlotData {
  /** What a label is. */
  readonly axis: string;
  readonly labels: readonly string[];
  readonly series: readonly PlotSeries[];
  /** Words for a value at the axis and the pointer. */
  readonly format: (value: number) => string;
}

const Canvas = lazy(() => import('./plot-canvas.js'));

/** A plot, loaded when it is shown. It is a picture: the table next to it says the same in text. */
export function Plot({
  label,
  height = 220,
  of,
}: {
  readonly label: string;
  readonly height?: number;
  readonly of: PlotData;
}): ReactElement {
  return (
    <div role="img" aria-label={label} style={{ minHeight: height, minWidth: 0, overflow: 'hidden' }}>
      <Suspense fallback={<Loading lines={6} />}>
        <Canvas of={of} height={height} />
      </Suspense>
    </div>
  );
}
