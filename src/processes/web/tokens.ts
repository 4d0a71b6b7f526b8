/** Injection tokens: `@Inject(HOUSE) private readonly house: House`. Nothing relies on emitted metadata. */
export const HOUSE = Symbol('House');
export const SESSION_COOKIE = Symbol('SessionCookie');
export const API_DOCUMENT = Symbol('ApiDocument');
