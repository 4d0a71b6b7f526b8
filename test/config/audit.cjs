/**
 * `npm run audit`: compares the packages of package-lock.json with published security advisories. advisories.json pins those
 * that are known, so that the check gives the same answer without a network; the registry is asked for newer ones when it
 * answers, and `--offline` does not ask. Ends with 1 when an advisory affects a package and no argument covers that version.
 */
const { spawnSync } = require('node:child_process');
const { readFileSync } = require('node:fs');
const { join } = require('node:path');

/** After so many days without a look at the source the pinned file is called old. */
const OLD_AFTER_DAYS = 90;
const REGISTRY_WITHIN_MS = 60_000;
const DAY_MS = 86_400_000;

/** Every package of a lock file, once for each version: `{ name, version }`. */
function packagesOf(lock) {
  const found = new Map();
  for (const [path, { version, name: aliased }] of Object.entries(lock.packages)) {
    const name = aliased ?? path.split('node_modules/').at(-1);
    if (path !== '' && version !== undefined) found.set(`${name}@${version}`, { name, version });
  }
  return [...found.values()];
}

/** The advisories that affect a package: `{ advisory, version, argued }`. Ranges are half open: `from` counts, `before` does not. */
function findings(packages, advisories) {
  return packages.flatMap(({ name, version }) =>
    advisories
      .filter((advisory) => advisory.package === name && advisory.affected.some((range) => isIn(version, range)))
      .map((advisory) => ({ advisory, version, argued: advisory.argument?.versions.includes(version) === true }))
  );
}

function isIn(version, { from, before }) {
  return (from === undefined || compare(version, from) >= 0) && compare(version, before) < 0;
}

/** By the three numbers; a version before its release (`-rc.1`) counts as the release. */
function compare(one, other) {
  const [left, right] = [one, other].map((text) => text.split(/[-+]/)[0].split('.').map(Number));
  const at = [0, 1, 2].find((index) => left[index] !== right[index]);
  return at === undefined ? 0 : left[at] - right[at];
}

/** What the registry knows beyond the pinned advisories; undefined when it does not answer. Takes the text of `npm audit --json`. */
function newOnes(answer, known) {
  let parsed;
  try {
    parsed = JSON.parse(answer);
  } catch {
    return undefined;
  }
  if (parsed.vulnerabilities === undefined) return undefined;
  const ids = new Set(known.map(({ id }) => id));
  const reported = Object.values(parsed.vulnerabilities)
    .flatMap(({ via }) => via)
    .filter((via) => typeof via === 'object')
    .map(({ name, title, url, range }) => ({ id: url.split('/').at(-1), package: name, title, range }));
  return [...new Map(reported.map((advisory) => [advisory.id, advisory])).values()].filter(({ id }) => !ids.has(id));
}

function main(root, offline) {
  const read = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'));
  const { checked, advisories } = read('test/config/advisories.json');
  const packages = packagesOf(read('package-lock.json'));
  const found = findings(packages, advisories);
  const lines = found.map(({ advisory, version, argued }) => {
    const text = `${advisory.id} ${advisory.package}@${version}: ${advisory.title}`;
    return argued
      ? `argued: ${text}. ${advisory.argument.why}`
      : `AFFECTED: ${text}. Raise the version, or argue in advisories.json.`;
  });
  const days = Math.floor((Date.now() - Date.parse(checked)) / DAY_MS);
  if (days > OLD_AFTER_DAYS) lines.push(`advisories.json was compared with its source ${days} days ago: renew it`);
  const online = offline ? undefined : askRegistry(root, advisories);
  if (online === undefined)
    lines.push('the registry was not asked, or did not answer: only the pinned advisories count');
  for (const { id, package: name, title, range } of online ?? []) {
    lines.push(`NEW: ${id} ${name} ${range}: ${title}. Add it to advisories.json and raise the version, or argue.`);
  }
  const bad = found.filter(({ argued }) => !argued).length + (online?.length ?? 0);
  lines.push(`${packages.length} packages, ${advisories.length} pinned advisories of ${checked}, ${bad} to settle`);
  process.stdout.write(`${lines.join('\n')}\n`);
  return bad === 0 ? 0 : 1;
}

function askRegistry(root, advisories) {
  const { stdout } = spawnSync('npm', ['audit', '--json', '--package-lock-only'], {
    cwd: root,
    encoding: 'utf8',
    timeout: REGISTRY_WITHIN_MS,
  });
  return newOnes(stdout ?? '', advisories);
}

module.exports = { findings, newOnes, packagesOf };

if (require.main === module) process.exitCode = main(join(__dirname, '../..'), process.argv.includes('--offline'));
