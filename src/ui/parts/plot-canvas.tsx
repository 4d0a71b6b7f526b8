import { useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useEffect, useRef, type ReactElement } from 'react';
import UPlot, { type AlignedData, type Options, type Series } from 'uplot';
import 'uplot/dist/uPlot.min.css';
import './plot.css';
import type { PlotData, PlotSeries } from './plot.js';

/** The drawing of a plot: made again when its data, its width or the theme changes. */
export default function PlotCanvas({ of, height }: { readonly of: PlotData; readonly height: number }): ReactElement {
  const { ref: box, width } = useElementSize<HTMLDivElement>();
  const target = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme('dark');
  useEffect(() => {
    const node = target.current;
    if (node === null || width === 0) return undefined;
    const plot = new UPlot(optionsOf(of, width, height), dataOf(of), node);
    return () => plot.destroy();
  }, [of, width, height, scheme]);
  return (
    <div ref={box}>
      <div ref={target} />
    </div>
  );
}

function dataOf({ labels, series }: PlotData): AlignedData {
  return [labels.map((_, at) => at), ...series.map(({ values }) => [...values])];
}

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function optionsOf({ axis: named, labels, series, format }: PlotData, width: number, height: number): Options {
  const axis = {
    stroke: colour('dim'),
    font: '12px Inter, system-ui, sans-serif',
    grid: { stroke: colour('line'), width: 1 },
    ticks: { show: false },
  };
  const bars = series.some(({ as }) => as === 'bars');
  const last = labels.length - 1;
  return {
    ...{ width, height },
    // the label of the last point is centred on it
    padding: [8, 36, 0, 0],
    scales: {
      x: { time: false, ...(bars || last === 0 ? { range: () => [-0.6, last + 0.6] as [number, number] } : {}) },
      y: { range: (_, low, high) => UPlot.rangeNum(Math.min(low, 0), Math.max(high, 0), 0.1, true) },
    },
    legend: { live: true, markers: { show: false } },
    hooks: {
      // without a pointer the legend shows the newest
      ready: [(plot) => plot.setLegend({ idx: last })],
      setCursor: [(plot) => (plot.cursor.idx === null ? plot.setLegend({ idx: last }, false) : undefined)],
    },
    cursor: { points: { size: 6 }, drag: { x: false, y: false } },
    axes: [
      {
        ...{ ...axis, grid: { show: false }, space: 90, size: 34 },
        values: (_, splits) => splits.map((at) => labels[at] ?? ''),
      },
      { ...axis, size: 78, values: (_, splits) => splits.map(format) },
    ],
    series: [
      { label: named, value: (_, at: number | null) => labels[at ?? -1] ?? '' },
      ...series.map((one) => seriesOf(one, format, labels.length <= FEW)),
    ],
  };
}

/** So few points are marked: one alone has no line. */
const FEW = 12;

function seriesOf({ name, as, colour: named }: PlotSeries, format: PlotData['format'], marked: boolean): Series {
  const stroke = colour(named);
  const base: Series = {
    ...{ label: name, stroke, width: 2, points: { show: marked, size: 6, fill: stroke } },
    value: (_, value: number | null) => (value === null ? '' : format(value)),
  };
  if (as === 'line') return base;
  const fill = `${stroke}40`;
  if (as === 'area') return { ...base, fill };
  const { bars } = UPlot.paths;
  return {
    ...base,
    fill,
    width: 1,
    points: { show: false },
    ...(bars === undefined ? {} : { paths: bars({ size: [0.8, 60] }) }),
  };
}
