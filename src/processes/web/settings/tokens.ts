export const SETTINGS_DESK = Symbol('SettingsDesk');
