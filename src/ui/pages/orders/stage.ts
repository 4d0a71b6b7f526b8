/** Colour only where a person may be needed: a status that is unknown, and a refusal. */
export function toneOf(stage: string): 'calm' | 'warn' {
  return stage === 'unresolved' || stage === 'rejected' ? 'warn' : 'calm';
}

/** Whether the broker may still report about an order of this stage. */
export function isOpen(stage: string): boolean {
  return ['intended', 'submitted', 'working', 'unresolved'].includes(stage);
}
