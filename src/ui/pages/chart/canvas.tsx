import { useComputedColorScheme } from '@mantine/core';
import {
  CandlestickSeries,
  ColorType,
  createChart,
  createSeriesMarkers,
  HistogramSeries,
  LineSeries,
  LineStyle,
  LineType,
  type IChartApi,
  type SeriesMarker,
  type Time,
  type UTCTimestamp,
} from 'lightweight-charts';
import { useEffect, useRef, type ReactElement } from 'react';
import { minuteOf, stopLines, type ChartBody } from './lines.js';

type Mark = ChartBody['marks'][number];

const MARGIN = 0.025;
/** Room that the first minutes of a session leave for what follows; their bars would be as wide as bricks. */
const LEAST_BARS = 40;
const QUIET = { lastValueVisible: false, priceLineVisible: false, crosshairMarkerVisible: false } as const;

/** The drawing; `choose` gets the mark that was clicked. Made again when the data or the theme changes. */
export default function ChartCanvas({
  of,
  choose,
}: {
  readonly of: ChartBody;
  readonly choose: (mark: Mark) => void;
}): ReactElement {
  const box = useRef<HTMLDivElement>(null);
  const chosen = useRef(choose);
  const scheme = useComputedColorScheme('dark');
  useEffect(() => {
    chosen.current = choose;
  }, [choose]);
  useEffect(() => {
    const node = box.current;
    if (node === null) return undefined;
    const chart = createChart(node, look());
    draw(chart, of);
    chart.subscribeClick(({ hoveredInfo }) => {
      const mark = of.marks[Number(hoveredInfo?.objectId ?? -1)];
      if (mark !== undefined) chosen.current(mark);
    });
    const margin = Math.max(1, of.bars.length * MARGIN);
    // the times at both ends are centred on their bars
    chart.timeScale().setVisibleLogicalRange({ from: -margin, to: Math.max(LEAST_BARS, of.bars.length) - 1 + margin });
    return () => chart.remove();
  }, [of, scheme]);
  return <div ref={box} style={{ height: '100%' }} />;
}

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function look() {
  const line = { color: colour('line') };
  return {
    autoSize: true,
    layout: {
      background: { type: ColorType.Solid, color: colour('surface') },
      textColor: colour('dim'),
      fontFamily: 'Inter, system-ui, sans-serif',
      // its name stands below the chart
      attributionLogo: false,
    },
    grid: { vertLines: line, horzLines: line },
    rightPriceScale: { borderVisible: false },
    timeScale: { timeVisible: true, secondsVisible: false, borderVisible: false },
  } as const;
}

function draw(chart: IChartApi, of: ChartBody): void {
  const time = (utc: string): UTCTimestamp => minuteOf(utc) as UTCTimestamp;
  drawHalts(chart, of);
  const [up, down] = [colour('up'), colour('down')];
  const prices = chart.addSeries(CandlestickSeries, {
    ...{ upColor: up, borderUpColor: up, wickUpColor: up },
    ...{ downColor: down, borderDownColor: down, wickDownColor: down, priceLineVisible: false },
  });
  prices.setData(
    of.bars.map(({ at, open, high, low, close }) => ({
      ...{ time: time(at), open: Number(open), high: Number(high), low: Number(low), close: Number(close) },
    })),
  );
  const vwap = chart.addSeries(LineSeries, { ...QUIET, color: colour('past'), lineWidth: 1 });
  vwap.setData(
    of.bars.flatMap(({ at, vwap: value }) => (value === null ? [] : [{ time: time(at), value: Number(value) }])),
  );
  const [first, last] = [of.range?.from, of.bars.at(-1)?.at];
  if (of.range !== null && first !== undefined && last !== undefined) {
    for (const bound of [of.range.high, of.range.low]) {
      const series = chart.addSeries(LineSeries, {
        ...{ ...QUIET, color: colour('link'), lineWidth: 1, lineStyle: LineStyle.Dashed },
      });
      series.setData(
        of.bars.filter(({ at }) => at >= first).map(({ at }) => ({ time: time(at), value: Number(bound) })),
      );
    }
  }
  for (const points of stopLines(of)) {
    const series = chart.addSeries(LineSeries, {
      ...{ ...QUIET, color: colour('warn'), lineWidth: 2, lineType: LineType.WithSteps },
    });
    series.setData(points.map((point) => ({ ...point, time: point.time as UTCTimestamp })));
  }
  createSeriesMarkers(prices, markersOf(of));
}

/** Full height behind the prices. */
function drawHalts(chart: IChartApi, { bars, halts }: ChartBody): void {
  const halted = bars.filter(({ at }) => halts.some(({ from, to }) => at >= from && at < to));
  if (halted.length === 0) return;
  const series = chart.addSeries(HistogramSeries, { ...QUIET, color: colour('line'), priceScaleId: 'halts' });
  chart.priceScale('halts').applyOptions({ visible: false, scaleMargins: { top: 0, bottom: 0 } });
  series.setData(halted.map(({ at }) => ({ time: minuteOf(at) as UTCTimestamp, value: 1 })));
}

function markersOf({ marks }: ChartBody): SeriesMarker<Time>[] {
  return marks
    .map((mark, id): SeriesMarker<Time> => {
      const buys = mark.side === 'buy' || mark.side === 'buy_to_cover' || mark.side === 'long';
      return {
        time: minuteOf(mark.at) as UTCTimestamp,
        id: String(id),
        position: buys ? 'belowBar' : 'aboveBar',
        shape: mark.kind === 'signal' ? 'circle' : buys ? 'arrowUp' : 'arrowDown',
        color: colour(mark.kind === 'signal' ? 'dim' : 'text'),
        text: mark.kind === 'signal' ? '' : mark.kind === 'entry' ? 'entry' : 'exit',
        size: mark.kind === 'signal' ? 0.7 : 1.2,
      };
    })
    .toSorted((a, b) => Number(a.time) - Number(b.time));
}
