/** How a bearish signal can be traded (TRD-23). */
export const SHORT_TYPES = ['disabled', 'ShortSell', 'InverseETF', 'LongPut'] as const;
