import { resolve } from 'node:path'
import type { ComparisonSummary } from '../../compare/summary.js'
import type { Panel } from '../../report/panels/panel.js'
import type { Store } from '../../store/connection/connect.js'
import { listings, writePage } from './report.js'

/** Spaces that the demo fills and measures. */
export const SPACES: readonly string[] = ['ct_shallow', 'dose_shallow', 'joint_shallow']
/** Bits of the demo's codes. */
export const BITS = 512
/** Kind of the demo's codes, so that pages show kernel codes. */
export const KIND = 'kernel'

export interface DemoOptions {
  /** Folder with OpenKBP plans. (Default: a synthetic cohort) */
  data?: string
  dataset: string
  patients: number
  queries: number
  seed: number
  /** Path of the page. */
  report: string
  /** Also shows several neighbours of the same patient. (Default: false) */
  allNeighbours?: boolean
}

/** Results of the steps of a demo. */
export interface DemoRun {
  seconds: Record<string, number>
  figures: Record<string, ComparisonSummary>
  panels: Panel[]
  /** Slice that is shown with its neighbours. */
  shown: number
}

/** The figures of one space, as in the last line of `--json`. */
export interface SpaceResult {
  queries: number
  bits: number
  dice_at_10: number
  jaccard_at_10: number
  recall_at_10: number
  visited_share: number
  milliseconds: number
}

export interface DemoResult extends SpaceResult {
  dataset: string
  synthetic: boolean
  plans: number
  items: number
  spaces: Record<string, SpaceResult>
  seconds: Record<string, number>
  /** Path of the page. */
  report: string
  /** Statements to paste. */
  sql: string[]
}

/** Writes the page and collects the result of a demo. */
export async function finishDemo(
  store: Store,
  options: DemoOptions,
  run: DemoRun,
): Promise<DemoResult> {
  const { dataset, data, seed } = options
  const counts = await store.db
    .selectFrom('cbir.slices')
    .select((eb) => [
      eb.fn.count<string>('plan').distinct().as('plans'),
      eb.fn.count<string>('item_id').as('items'),
    ])
    .where('dataset', '=', dataset)
    .executeTakeFirstOrThrow()
  const spaces = Object.fromEntries(
    SPACES.map((space) => [space, spaceResult(run.figures[space] as ComparisonSummary)]),
  )
  const statements = listings(run.shown)
  const report = resolve(options.report)
  await writePage(report, {
    title: 'Similar slices of other patients',
    notice: data
      ? null
      : 'The cohort is synthetic: its anatomy and dose are generated, not of patients.',
    facts: [
      ['Data set', dataset],
      ['Plans', counts.plans],
      ['Slices', counts.items],
      ['Seed', String(seed)],
      [
        'Database',
        store.engine === 'embedded' ? 'embedded PostgreSQL (PGlite)' : 'PostgreSQL server',
      ],
      ...(await provenance(store)),
    ],
    figures: SPACES.map((space) => ({
      space,
      bits: BITS,
      ...(run.figures[space] as ComparisonSummary),
    })),
    panels: run.panels,
    sql: statements,
  })
  return {
    dataset,
    synthetic: data === undefined,
    plans: Number(counts.plans),
    items: Number(counts.items),
    ...(spaces.ct_shallow as SpaceResult),
    spaces,
    seconds: run.seconds,
    report,
    sql: statements.map((listing) => listing.statement),
  }
}

function spaceResult(summary: ComparisonSummary): SpaceResult {
  return {
    queries: summary.queries,
    bits: BITS,
    dice_at_10: summary.dice,
    jaccard_at_10: summary.jaccard,
    recall_at_10: summary.recall,
    visited_share: summary.visited_share,
    milliseconds: summary.milliseconds,
  }
}

/** Facts that a reader needs to repeat the figures. */
async function provenance(store: Store): Promise<[string, string][]> {
  const encoders = await store.db
    .selectFrom('cbir.encoder')
    .select(['name', 'checksum'])
    .orderBy('name')
    .execute()
  const families = await store.db
    .selectFrom('lsh.family')
    .select(['name', 'checksum', 'bandwidth'])
    .orderBy('name')
    .execute()
  return [
    ...encoders.map((row): [string, string] => [
      `Encoder ${row.name}`,
      `sha256 ${row.checksum.slice(0, 12)}`,
    ]),
    ...families.map((row): [string, string] => [
      `Family ${row.name}`,
      `bandwidth ${row.bandwidth?.toPrecision(4) ?? 'none'}, sha256 ${row.checksum.slice(0, 12)}`,
    ]),
  ]
}
