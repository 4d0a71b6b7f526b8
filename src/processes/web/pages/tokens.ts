export const PAGE_FILES = Symbol('PageFiles');
