import { describe, expect, test } from '@jest/globals';
import { Adx } from '../../../src/domain/market/indicators/adx.js';
import { Atr } from '../../../src/domain/market/indicators/atr.js';
import { Bollinger } from '../../../src/domain/market/indicators/bollinger.js';
import { Ema } from '../../../src/domain/market/indicators/ema.js';
import { Rsi } from '../../../src/domain/market/indicators/rsi.js';
import { Sma } from '../../../src/domain/market/indicators/sma.js';
import { Vwap } from '../../../src/domain/market/indicators/vwap.js';

/**
 * Published worked examples (TRD-3). StockCharts ChartSchool publishes a spreadsheet with each indicator's definition:
 * cs-movavg (Intel, 2010), cs-rsi, cs-atr, cs-adx (QQQQ, 2009-2010) and cs-bbands (SPY, 2009); chartschool.stockcharts.com,
 * "Technical Indicators and Overlays". Prices there have up to four decimals, so they are fed in as we hold them:
 * whole numbers of 1/10,000.
 */
const UNITS = 10_000;
const units = (price: number): number => Math.round(price * UNITS);

function trace(prices: readonly number[], update: (price: number) => void, value: () => number | undefined) {
  return prices.map((price) => {
    update(units(price));
    return value();
  });
}

const INTEL_CLOSES = [
  22.2734, 22.194, 22.0847, 22.1741, 22.184, 22.1344, 22.2337, 22.4323, 22.2436, 22.2933, 22.1542, 22.3926, 22.3816,
  22.6109, 23.3558, 24.0519, 23.753, 23.8324, 23.9516, 23.6338, 23.8225, 23.8722, 23.6537, 23.187, 23.0976, 23.326,
  22.6805, 23.0976, 22.4025, 22.1725,
];

describe('indicators against reference implementations', () => {
  test('SMA(10)', () => {
    const sma = new Sma(10);
    const got = trace(
      INTEL_CLOSES,
      (close) => sma.update(close),
      () => sma.value,
    );
    const published = [
      22.22475, 22.21283, 22.23269, 22.26238, 22.30606, 22.42324, 22.61499, 22.76692, 22.90693, 23.07773, 23.21178,
      23.37861, 23.52657, 23.65378, 23.71139, 23.68557, 23.61298, 23.50573, 23.43225, 23.27734, 23.13121,
    ];
    expect(got.slice(0, 9)).toEqual(Array.from({ length: 9 }, () => undefined));
    expect(got.slice(9).map((value) => Number(((value ?? 0) / UNITS).toFixed(5)))).toEqual(published);
  });

  test('EMA(10) starts from the SMA', () => {
    const ema = new Ema(10);
    const got = trace(
      INTEL_CLOSES,
      (close) => ema.update(close),
      () => ema.value,
    );
    const published = [
      22.22, 22.21, 22.24, 22.27, 22.33, 22.52, 22.8, 22.97, 23.13, 23.28, 23.34, 23.43, 23.51, 23.54, 23.47, 23.4,
      23.39, 23.26, 23.23, 23.08, 22.92,
    ];
    expect(got.slice(0, 9)).toEqual(Array.from({ length: 9 }, () => undefined));
    expect(got.slice(9).map((value) => Number(((value ?? 0) / UNITS).toFixed(2)))).toEqual(published);
  });
});

test('RSI(14) against cs-rsi', () => {
  const closes = [
    44.3389, 44.0902, 44.1497, 43.6124, 44.3278, 44.8264, 45.0955, 45.4245, 45.8433, 46.0826, 45.8931, 46.0328, 45.614,
    46.282, 46.282, 46.0028, 46.0328, 46.4116, 46.2222, 45.6439, 46.2122, 46.2521, 45.7137, 46.4515, 45.7835, 45.3548,
    44.0288, 44.1783, 44.2181, 44.5672, 43.4205, 42.6628, 43.1314,
  ];
  const published = [
    70.5328, 66.3186, 66.5498, 69.4063, 66.3552, 57.9749, 62.9296, 63.2571, 56.0593, 62.3771, 54.7076, 50.4228, 39.9898,
    41.4605, 41.8689, 45.4632, 37.304, 33.0795, 37.773,
  ];
  const rsi = new Rsi(14);
  const got = trace(
    closes,
    (close) => rsi.update(close),
    () => rsi.value,
  );
  expect(got.slice(0, 14)).toEqual(Array.from({ length: 14 }, () => undefined));
  // The sheet's closes are rounded to four decimals, its RSI is not: hence a tolerance of 1/1000.
  published.forEach((value, index) => expect(Math.abs((got[14 + index] ?? 0) - value)).toBeLessThan(1e-3));
});

test('ATR(14) against cs-atr', () => {
  const high = [
    48.7, 48.72, 48.9, 48.87, 48.82, 49.05, 49.2, 49.35, 49.92, 50.19, 50.12, 49.66, 49.88, 50.19, 50.36, 50.57, 50.65,
    50.43, 49.63, 50.33, 50.29, 50.17, 49.32, 48.5, 48.3201, 46.8, 47.8, 48.39, 48.66, 48.79,
  ];
  const low = [
    47.79, 48.14, 48.39, 48.37, 48.24, 48.635, 48.94, 48.86, 49.5, 49.87, 49.2, 48.9, 49.43, 49.725, 49.26, 50.09, 50.3,
    49.21, 48.98, 49.61, 49.2, 49.43, 48.08, 47.64, 41.55, 44.2833, 47.31, 47.2, 47.9, 47.7301,
  ];
  const close = [
    48.16, 48.61, 48.75, 48.63, 48.74, 49.03, 49.07, 49.32, 49.91, 50.13, 49.53, 49.5, 49.75, 50.03, 50.31, 50.52,
    50.41, 49.34, 49.37, 50.23, 49.2375, 49.93, 48.43, 48.18, 46.57, 45.41, 47.77, 47.72, 48.62, 47.85,
  ];
  const published = [
    0.555, 0.593929, 0.585791, 0.568949, 0.615452, 0.61792, 0.642354, 0.674329, 0.69277, 0.775429, 0.78147, 1.209229,
    1.30262, 1.38029, 1.366698, 1.336219, 1.316482,
  ];
  const atr = new Atr(14);
  const got = high.map((top, index) => {
    atr.update(units(top), units(low[index] ?? 0), units(close[index] ?? 0));
    return atr.value;
  });
  expect(got.slice(0, 13)).toEqual(Array.from({ length: 13 }, () => undefined));
  expect(got.slice(13).map((value) => Number(((value ?? 0) / UNITS).toFixed(6)))).toEqual(published);
});

test('ADX(14), +DI and -DI against cs-adx', () => {
  const bars = [
    [30.1983, 29.4072, 29.872],
    [30.2776, 29.3182, 30.2381],
    [30.4458, 29.9611, 30.0996],
    [29.3478, 28.7443, 28.9028],
    [29.3477, 28.5566, 28.9225],
    [29.2886, 28.4081, 28.4775],
    [28.8334, 28.0818, 28.5566],
    [28.7346, 27.4289, 27.5576],
    [28.6654, 27.6565, 28.4675],
    [28.8532, 27.8345, 28.2796],
    [28.6356, 27.3992, 27.4882],
    [27.6761, 27.0927, 27.231],
    [27.2112, 26.1826, 26.3507],
    [26.8651, 26.1332, 26.3309],
    [27.409, 26.6277, 27.0333],
    [26.9441, 26.1332, 26.2221],
    [26.5189, 25.4307, 26.0144],
    [26.5189, 25.3518, 25.4605],
    [27.0927, 25.876, 27.0333],
    [27.686, 26.964, 27.4487],
    [28.4477, 27.1421, 28.3586],
    [28.5267, 28.0123, 28.4278],
    [28.6654, 27.884, 27.953],
    [29.0116, 27.9928, 29.0116],
    [29.872, 28.7643, 29.3776],
    [29.8028, 29.1402, 29.3576],
    [29.7529, 28.7127, 28.9107],
    [30.6546, 28.929, 30.6149],
    [30.5951, 30.0304, 30.0502],
    [30.7635, 29.3863, 30.189],
    [31.1698, 30.1365, 31.1202],
    [30.8923, 30.4267, 30.5356],
    [30.0402, 29.3467, 29.7827],
    [30.6645, 29.9906, 30.0402],
    [30.5951, 29.5152, 30.4861],
    [31.9724, 30.9418, 31.467],
  ] as const;
  const published = [
    33.5833461, 32.1534947, 29.9292238, 28.3576178, 26.8982694, 25.7764785, 23.9459048, 22.7832985, 22.071526,
  ];
  const adx = new Adx(14);
  const got = bars.map(([high, low, close]) => {
    adx.update(units(high), units(low), units(close));
    return { adx: adx.value, plus: adx.plusDi, minus: adx.minusDi };
  });
  expect(got[13]).toEqual({ adx: undefined, plus: undefined, minus: undefined });
  expect(got[14]?.plus).toBeCloseTo(6.7494187, 6);
  expect(got[14]?.minus).toBeCloseTo(32.4195605, 6);
  expect(got[26]?.adx).toBeUndefined();
  expect(got[26]?.plus).toBeCloseTo(19.9520101, 6);
  published.forEach((value, index) => expect(got[27 + index]?.adx).toBeCloseTo(value, 6));
});

test('Bollinger(20, 2) against cs-bbands: population deviation', () => {
  const closes = [
    86.1557, 89.0867, 88.7829, 90.3228, 89.0671, 91.1453, 89.4397, 89.175, 86.9302, 87.6752, 86.9596, 89.4299, 89.3221,
    88.7241, 87.4497, 87.2634, 89.4985, 87.9006, 89.126, 90.7043, 92.9001, 92.9784, 91.8021, 92.6647, 92.6843, 92.3021,
    92.7725, 92.5373, 92.949, 93.2039, 91.0669, 89.8318, 89.7435, 90.3994, 90.7387, 88.0177, 88.0867, 88.8439, 90.7781,
    90.5416, 91.3894, 90.65,
  ];
  const upper = [
    91.291862, 91.949268, 92.612595, 92.9342, 93.31195, 93.72845, 93.899592, 94.266255, 94.565096, 94.786912, 95.043001,
    94.907605, 94.902912, 94.89532, 94.861013, 94.673629, 94.556593, 94.678752, 94.575786, 94.534271, 94.532306,
    94.369251, 94.148503,
  ];
  const middle = [88.70794, 89.04516, 89.239745, 89.390705, 89.5078, 89.68866];
  const bands = new Bollinger(20, 2);
  const got = closes.map((close) => {
    bands.update(units(close));
    return bands.value;
  });
  expect(got.slice(0, 19)).toEqual(Array.from({ length: 19 }, () => undefined));
  upper.forEach((value, index) => expect((got[19 + index]?.upper ?? 0) / UNITS).toBeCloseTo(value, 5));
  middle.forEach((value, index) => expect((got[19 + index]?.middle ?? 0) / UNITS).toBeCloseTo(value, 6));
  expect((got[19]?.lower ?? 0) / UNITS).toBeCloseTo(86.124018, 5);
});

test('VWAP against the first 14 rows of a published sheet', () => {
  // Test data cs-vwap of the public library bukosabino/ta (a 14-row VWAP, so its first 14 rows are cumulative).
  const rows = [
    [24.8283, 24.3205, 24.7486, 18730.144, 24.632466666666666],
    [24.7586, 24.5993, 24.7088, 12271.74, 24.654805154030853],
    [25.1568, 24.7785, 25.0373, 24691.414, 24.80379676048873],
    [25.5848, 24.9477, 25.545, 18357.606, 24.9414758619062],
    [25.6844, 24.8083, 25.0672, 22964.08, 24.99950623571372],
    [25.336, 25.0572, 25.107, 15918.948, 25.02307824302856],
    [25.2862, 24.8482, 24.888, 16067.044, 25.021133824528068],
    [25.1269, 24.7496, 24.9975, 16568.487, 25.013948032058988],
    [25.2762, 24.9278, 25.0473, 16018.729, 25.020869365685463],
    [25.3857, 25.0274, 25.336, 9773.569, 25.03392065542907],
    [25.5351, 25.0473, 25.0572, 22572.712, 25.054787605744554],
    [25.6048, 25.0622, 25.4455, 12986.669, 25.074623090960745],
    [25.7441, 25.5351, 25.5649, 10906.659, 25.101664793872967],
    [25.7242, 25.4554, 25.555, 5799.259, 25.11402265022072],
  ] as const;
  const vwap = new Vwap();
  expect(vwap.value).toBeUndefined();
  for (const [high, low, close, volume, published] of rows) {
    vwap.update(units(high), units(low), units(close), volume);
    expect((vwap.value ?? 0) / UNITS).toBeCloseTo(published, 10);
  }
});
