/**
 * Nominal types over plain values: an `OrderId` is a string that its parser has checked. Only that parser casts to the
 * brand with `as`.
 */
declare const brand: unique symbol;
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
