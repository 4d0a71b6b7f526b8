export function scenarioFile(home: string): string;
export function stampFile(home: string): string;
export function triggerFile(home: string): string;
export function scenarioOf(home: string): string;
export function stamp(home: string, what: string, detail?: string): void;
