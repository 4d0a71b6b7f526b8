/**
 * Nominal types over plain values: an `OrderId` is a string that one parser has seen.
 * `as` on a brand stands only in the function that makes it.
 */
declare const brand: unique symbol;
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
