import { parseBlocklist } from '../../domain/universe/blocklist.js';
import { enrich, type UniverseRow } from '../../domain/universe/enrich.js';
import type { Observation } from '../../domain/universe/observation.js';
import { judgeRow, limitsOf, type RuleName, type UniverseLimits } from '../../domain/universe/rules.js';
import { select, type JudgedRow } from '../../domain/universe/select.js';
import type { UniverseHeader } from '../../domain/universe/universe-file.js';
import { publishedText, rawText, unfilteredText } from '../../domain/universe/write-universe.js';
import { parseSettings } from '../../domain/config/settings.js';
import { dataError } from '../../kernel/errors.js';
import type { UtcText } from '../../kernel/time.js';
import { STAGES, type EnabledProvider, type Stage } from '../../ports/universe-provider.js';
import type { SnapshotHead, UniverseFiles } from '../../ports/universe-store.js';
import type { Answers } from './answers.js';

/** How far a build has come; totals are those of the stage, as far as they are known. */
export interface StageProgress {
  readonly stage: Stage;
  readonly done: number;
  readonly total: number;
  /** Requests that each provider still has in this stage. */
  readonly left: Readonly<Record<string, number>>;
}

/** A finished build: its files and what they have. */
export interface BuiltUniverse {
  readonly files: UniverseFiles;
  readonly header: UniverseHeader;
  readonly listed: number;
  readonly judged: readonly JudgedRow[];
  readonly blocklistFaults: readonly string[];
}

/** Rules that a symbol must have passed before a stage asks for more of it. */
const ASKED_WITH: Readonly<Record<Exclude<Stage, 'listing'>, readonly RuleName[]>> = {
  prices: ['blocklist', 'symbol', 'tradable', 'exchange'],
  figures: ['blocklist', 'symbol', 'tradable', 'exchange', 'price'],
};

/**
 * Makes the files of a build from answers and from nothing else: the same head and the same answers give the same bytes,
 * whether they are fetched now, were fetched before a crash, or are those of a past date.
 */
export async function foldAnswers(
  head: SnapshotHead,
  enabled: readonly EnabledProvider[],
  answers: Answers,
  onProgress: (progress: StageProgress) => void = () => undefined,
): Promise<BuiltUniverse> {
  const build = new Build(head, enabled, answers, onProgress);
  for (const stage of STAGES) await build.run(stage);
  return build.finish();
}

class Build {
  readonly #observations: Observation[] = [];
  readonly #listed = new Set<string>();
  readonly #blocklist;
  readonly #limits: UniverseLimits;
  #asOf: UtcText;
  #raw = '';
  #listedCount = 0;

  constructor(
    private readonly head: SnapshotHead,
    private readonly enabled: readonly EnabledProvider[],
    private readonly answers: Answers,
    private readonly onProgress: (progress: StageProgress) => void,
  ) {
    this.#asOf = head.started_at;
    this.#blocklist = parseBlocklist(head.blocklist);
    // market caps come from providers that enrich, all of which report them or the shares that they follow from
    this.#limits = limitsOf(
      parseSettings(head.settings),
      enabled.some(({ use }) => use.enrichment),
    );
  }

  async run(stage: Stage): Promise<void> {
    const rows = stage === 'listing' ? [] : this.#wanted(ASKED_WITH[stage]);
    const work = this.enabled
      .filter(({ use }) => stage === 'listing' || (stage === 'prices' ? use.universe : use.enrichment))
      .map((one) => ({ ...one, paths: one.provider.requests(stage, rows, this.head.date) }));
    const total = work.reduce((sum, { paths }) => sum + paths.length, 0);
    const left: Record<string, number> = Object.fromEntries(
      work.map(({ provider, paths }) => [provider.name, paths.length]),
    );
    let done = 0;
    this.onProgress({ stage, done, total, left });
    await Promise.all(
      work.map(async ({ provider, use, paths }) => {
        for (const path of paths) {
          await this.#ask(provider, path, stage === 'listing' && use.universe);
          done += 1;
          left[provider.name] = (left[provider.name] ?? 0) - 1;
          this.onProgress({ stage, done, total, left });
        }
      }),
    );
    if (stage === 'listing') this.#endListing();
  }

  finish(): BuiltUniverse {
    const judged = select(this.#rows(), this.#limits, this.#blocklist.blocked);
    const header = this.#header();
    if (!judged.some(({ chosen }) => chosen)) throw emptyUniverse(this.#listedCount);
    return {
      ...{ header, judged, listed: this.#listedCount, blocklistFaults: this.#blocklist.faults },
      files: {
        raw: this.#raw,
        unfiltered: unfilteredText(header, [...this.#blocklist.blocked.values()], judged),
        published: publishedText(header, judged),
      },
    };
  }

  /** A request and the pages that follow it. The number of pages is that of the provider, who ends them. */
  async #ask(provider: EnabledProvider['provider'], path: string, lists: boolean): Promise<void> {
    const seen = new Set<string>();
    for (let at: string | undefined = path; at !== undefined && !seen.has(at);) {
      seen.add(at);
      const answered = await this.answers.answer(provider, at);
      if (answered === undefined) return;
      const { text, provenance } = answered;
      for (const one of provider.read(at, text, provenance)) {
        if (lists) this.#listed.add(one.symbol);
        this.#observations.push(one);
      }
      if (provenance.at > this.#asOf) this.#asOf = provenance.at;
      at = provider.next(at, text);
    }
  }

  #endListing(): void {
    const rows = this.#rows();
    this.#listedCount = rows.length;
    if (rows.length === 0) throw emptyUniverse(0);
    this.#raw = rawText(this.#header(), rows);
  }

  /** Symbols that a provider of the universe lists; others only add figures. */
  #rows(): readonly UniverseRow[] {
    return enrich(this.#observations.filter(({ symbol }) => this.#listed.has(symbol)));
  }

  #wanted(rules: readonly RuleName[]): readonly UniverseRow[] {
    const { blocked } = this.#blocklist;
    return this.#rows().filter((row) =>
      judgeRow(row, this.#limits, blocked.get(row.symbol)).every(({ rule, ok }) => ok || !rules.includes(rule)),
    );
  }

  #header(): UniverseHeader {
    const { date, build_id, providers } = this.head;
    const faults = this.#blocklist.faults.map((fault) => `blocklist: ${fault}`);
    const noCaps = this.#limits.marketCapKnown ? [] : ['market caps are not checked: no enabled provider reports them'];
    return {
      ...{ format: 1, date, build_id, as_of: this.#asOf },
      providers: providers.map(({ name }) => name),
      limits: this.#limits,
      notes: [...noCaps, ...faults],
    };
  }
}

/** A list without symbols is not believed: the universe that is published stays. */
function emptyUniverse(listed: number): Error {
  return dataError({
    code: 'UNIVERSE_EMPTY',
    message:
      listed === 0
        ? 'the providers list no symbol'
        : `none of ${listed} listed symbols is within the limits of the universe`,
    remedy:
      'See symbol_universe.unfiltered.json and the settings SCREENER_UNIVERSE_*. The published universe is unchanged.',
  });
}
