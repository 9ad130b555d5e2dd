import { resolve } from 'node:path'
import { summarise, type CompareSummary } from '../../compare/summary.js'
import type { Panel } from '../../report/panel.js'
import { similarSlices } from '../../search/similar-slices.js'
import type { Store } from '../../store/connect.js'
import { queryItems } from '../../store/patients.js'
import type { Context } from '../context.js'
import { compare } from './compare.js'
import { DEFAULT_EPOCHS, encode, train } from './features.js'
import { createFamily, createIndex, familyName } from './hash.js'
import { loadPlans, openKbpPlans, phantomPlans, reportLoad } from './load.js'
import { listings, retrievalPanel, writePage } from './report.js'

const ENCODED = ['ct_shallow', 'dose_shallow']
const SPACES = [...ENCODED, 'joint_shallow']
const BITS = 512
const K = 10

export interface DemoOptions {
  /** Folder with OpenKBP plans. (Default: a synthetic cohort) */
  data?: string
  dataset: string
  patients: number
  queries: number
  seed: number
  /** Page with the pictures. */
  report: string
}

/** The figures of one space, as the last line of `--json` has them. */
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

/** The main job from files to figures. What an earlier run has finished is not done again. */
export async function runDemo(
  context: Context,
  store: Store,
  options: DemoOptions,
): Promise<DemoResult> {
  const { dataset, seed, queries } = options
  const seconds: Record<string, number> = {}
  const step = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    context.signal.throwIfAborted()
    context.output.say(`\n${Object.keys(seconds).length + 1}. ${name}`)
    const started = performance.now()
    const result = await work()
    seconds[name] = Math.round(performance.now() - started) / 1000
    return result
  }

  await step('load', async () => {
    const plans = options.data
      ? await openKbpPlans(options.data)
      : phantomPlans({ patients: options.patients, seed })
    reportLoad(context, await loadPlans(context, store, plans, { dataset }))
  })
  await step('train', async () => {
    const missing = await absent(store, 'cbir.encoder', ENCODED)
    if (missing.length > 0)
      await train(context, store, { dataset, spaces: missing, epochs: DEFAULT_EPOCHS, seed })
  })
  await step('encode', async () => {
    for (const space of SPACES) await encode(context, store, space)
  })
  await step('hash', async () => {
    const families = new Map(SPACES.map((space) => [familyName(space, BITS), space]))
    for (const family of await absent(store, 'lsh.family', [...families.keys()])) {
      await createFamily(store, families.get(family) as string, { bits: BITS, seed })
    }
  })
  await step('index', async () => {
    for (const space of await absent(store, 'lsh.index', SPACES)) {
      await createIndex(context, store, space, {
        family: familyName(space, BITS),
        maintain: 'loader',
      })
    }
  })
  const shown = (await queryItems(store, 'joint_shallow', { queries, seed }))[0] as number
  const panels = await step('search', () => searchStep(context, store, shown))
  const figures = await step('compare', async () => {
    const summaries: Record<string, CompareSummary> = {}
    for (const space of SPACES) {
      summaries[space] = summarise(await compare(context, store, space, { queries, seed, k: K }))
    }
    return summaries
  })
  return finish(context, store, options, { seconds, figures, panels, shown })
}

async function searchStep({ output }: Context, store: Store, item: number): Promise<Panel[]> {
  const found = await similarSlices(store.db, item, { space: 'ct_shallow', k: 5 }).execute()
  for (const one of found) {
    output.say(
      `   slice ${item} is like slice ${one.item_id}: plan ${one.plan}, level ${one.position_mm.toFixed(0)} mm, ` +
        `distance ${one.distance.toFixed(2)}, ${one.hamming} of ${BITS} bits differ`,
    )
  }
  const panels: Panel[] = []
  for (const space of SPACES) panels.push(await retrievalPanel(store, space, item, BITS))
  return panels
}

async function finish(
  { output }: Context,
  store: Store,
  options: DemoOptions,
  run: {
    seconds: Record<string, number>
    figures: Record<string, CompareSummary>
    panels: Panel[]
    shown: number
  },
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
    SPACES.map((space) => [space, spaceResult(run.figures[space] as CompareSummary)]),
  )
  const statements = listings(run.shown)
  const report = resolve(options.report)
  await writePage(report, {
    title: 'Similar slices of other patients',
    notice: data ? null : 'The cohort is synthetic: made-up anatomy and dose, no patient.',
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
    figures: SPACES.map((space) => {
      const one = run.figures[space] as CompareSummary
      return {
        space,
        queries: one.queries,
        bits: BITS,
        diceAt10: one.dice,
        jaccardAt10: one.jaccard,
        recallAt10: one.recall,
        visitedShare: one.visitedShare,
        milliseconds: one.milliseconds,
      }
    }),
    panels: run.panels,
    sql: statements,
  })
  output.say(`\npictures: ${report}`)
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

function spaceResult(summary: CompareSummary): SpaceResult {
  return {
    queries: summary.queries,
    bits: BITS,
    dice_at_10: summary.dice,
    jaccard_at_10: summary.jaccard,
    recall_at_10: summary.recall,
    visited_share: summary.visitedShare,
    milliseconds: summary.milliseconds,
  }
}

/** What a reader needs to repeat the figures. */
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
      `bandwidth ${row.bandwidth.toPrecision(4)}, sha256 ${row.checksum.slice(0, 12)}`,
    ]),
  ]
}

/** The names that a table does not hold yet. */
async function absent(
  store: Store,
  table: 'cbir.encoder' | 'lsh.family' | 'lsh.index',
  names: readonly string[],
): Promise<string[]> {
  const rows = await store.db
    .selectFrom(table)
    .select('name')
    .where('name', 'in', [...names])
    .execute()
  const present = new Set(rows.map((row) => row.name))
  return names.filter((name) => !present.has(name))
}
