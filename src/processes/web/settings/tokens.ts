export const SETTINGS_SERVICE = Symbol('SettingsService');
