export const SETUP_DESK = Symbol('SetupDesk');
export const SETUP_TOKEN = Symbol('SetupToken');
