interface PackageVersion {
  readonly name: string;
  readonly version: string;
}

export interface Advisory {
  readonly id: string;
  readonly package: string;
  readonly severity: string;
  readonly title: string;
  readonly affected: readonly { readonly from?: string; readonly before: string }[];
  readonly argument?: { readonly versions: readonly string[]; readonly why: string };
}

interface Finding {
  readonly advisory: Advisory;
  readonly version: string;
  readonly argued: boolean;
}

export function packagesOf(lock: {
  readonly packages: Readonly<Record<string, { readonly version?: string; readonly name?: string }>>;
}): readonly PackageVersion[];

export function findings(packages: readonly PackageVersion[], advisories: readonly Advisory[]): readonly Finding[];

export function newOnes(
  answer: string,
  known: readonly Advisory[],
): readonly { readonly id: string; readonly package: string; readonly title: string; readonly range: string }[] | undefined;
