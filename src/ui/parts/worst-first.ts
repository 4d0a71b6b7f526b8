/** The critical ones before the warnings; each kind in the order in which it came. */
export function worstFirst<Of extends { readonly severity: string }>(all: readonly Of[]): readonly Of[] {
  const isCritical = ({ severity }: Of): boolean => severity === 'Critical';
  return [...all.filter(isCritical), ...all.filter((one) => !isCritical(one))];
}
