/** Injection tokens: `@Inject(WEB_CONTEXT) private readonly context: WebContext`. Nothing relies on emitted metadata. */
export const WEB_CONTEXT = Symbol('WebContext');
export const DEVICE_COOKIE = Symbol('DeviceCookie');
export const SESSION_COOKIE = Symbol('SessionCookie');
export const API_DOCUMENT = Symbol('ApiDocument');
export const FIXED_ANSWERS = Symbol('FixedAnswers');
