/** Settles as `work` does, or resolves to `instead` after `withinMs`. */
export function bounded<T>(work: Promise<T>, withinMs: number, instead: T): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(instead), withinMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
