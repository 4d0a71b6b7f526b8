/** How many cases a random test tries: few in every run, many with TRADEBOT_SOAK=1. */
export function runs(few: number, many: number): number {
  return process.env['TRADEBOT_SOAK'] === '1' ? many : few;
}
