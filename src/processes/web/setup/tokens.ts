export const SETUP_DESK = Symbol('SetupDesk');
