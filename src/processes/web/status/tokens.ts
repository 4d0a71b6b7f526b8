export const HEALTH_PROBE = Symbol('HealthProbe');
