import { summarise, type ComparisonSummary } from '../../compare/summary.js'
import type { Panel } from '../../report/panels/panel.js'
import { LshError } from '../../core/errors.js'
import { nearestPerPatient } from '../../search/nearest-per-patient.js'
import { similarSlices } from '../../search/similar-slices.js'
import type { Store } from '../../store/connection/connect.js'
import { createFamily, familyName } from '../../store/codes/create-index.js'
import { queryItems } from '../../store/plans/patients.js'
import type { Context } from '../context.js'
import { compare } from './compare.js'
import { BITS, finishDemo, KIND, SPACES, type DemoOptions, type DemoResult } from './demo-result.js'
import { encode, train } from './features.js'
import { indexSpace } from './hash.js'
import { loadPlans, reportLoad } from './load.js'
import { openKbpPlans, phantomPlans } from './sources.js'
import { retrievalPanel } from './retrieval-panel.js'
import { timedSteps } from './timed-steps.js'

const ENCODED = ['ct_shallow', 'dose_shallow']
const K = 10

/** From files to figures. Steps that an earlier run finished are skipped. */
export async function runDemo(
  context: Context,
  store: Store,
  options: DemoOptions,
): Promise<DemoResult> {
  const { dataset, seed, queries } = options
  const { seconds, step } = timedSteps(context)

  await refuseOtherTraining(store, dataset)
  await step('load', async () => {
    const plans = options.data
      ? await openKbpPlans(options.data)
      : phantomPlans({ patients: options.patients, seed })
    reportLoad(context, await loadPlans(context, store, plans, { dataset }))
  })
  await step('train', async () => {
    const missing = await absent(store, 'cbir.encoder', ENCODED)
    if (missing.length > 0) await train(context, store, { dataset, spaces: missing, seed })
  })
  await step('encode', async () => {
    for (const space of SPACES) await encode(context, store, space)
  })
  await step('hash', async () => {
    const families = new Map(SPACES.map((space) => [familyName(space, BITS, KIND), space]))
    for (const family of await absent(store, 'lsh.family', [...families.keys()])) {
      await createFamily(store, families.get(family) as string, { kind: KIND, bits: BITS, seed })
    }
  })
  await step('index', async () => {
    for (const space of SPACES) {
      await indexSpace(context, store, space, {
        family: familyName(space, BITS, KIND),
        maintain: 'loader',
      })
    }
  })
  const shown = await sliceToShow(
    store,
    await queryItems(store, 'joint_shallow', { queries, seed, dataset }),
  )
  const panels = await step('search', () =>
    searchStep(context, store, shown, options.allNeighbours ?? false),
  )
  const figures = await step('compare', async () => {
    const summaries: Record<string, ComparisonSummary> = {}
    for (const space of SPACES) {
      summaries[space] = summarise(
        await compare(context, store, space, { queries, seed, dataset, k: K }),
      )
    }
    return summaries
  })
  return finishDemo(store, options, { seconds, figures, panels, shown })
}

async function searchStep(
  { output }: Context,
  store: Store,
  item: number,
  allNeighbours: boolean,
): Promise<Panel[]> {
  const search = (k: number) => similarSlices(store.db, item, { space: 'ct_shallow', k }).execute()
  const found = await (allNeighbours ? search(5) : nearestPerPatient(search, 5))
  for (const one of found) {
    output.say(
      `   slice ${item} is like slice ${one.item_id}: plan ${one.plan}, level ${one.position_mm.toFixed(0)} mm, ` +
        `distance ${one.distance.toFixed(2)}, ${one.hamming} of ${BITS} bits differ`,
    )
  }
  const panels: Panel[] = []
  for (const space of SPACES)
    panels.push(await retrievalPanel(store, space, item, { bits: BITS, allNeighbours }))
  return panels
}

/** Refuses encoders that were trained on another data set, whose figures would describe neither. */
async function refuseOtherTraining(store: Store, dataset: string): Promise<void> {
  const other = await store.db
    .selectFrom('cbir.encoder')
    .select(['name', 'dataset'])
    .where('name', 'in', ENCODED)
    .where('dataset', '<>', dataset)
    .executeTakeFirst()
  if (!other) return
  throw new LshError(
    'bad_usage',
    `encoder "${other.name}" of this database was trained on ${other.dataset}`,
    {
      hint: 'Give the demo a database of its own with --db.',
    },
  )
}

/** Chooses the query to show: the middle one of those whose dose reaches the prescription, or else the first. */
async function sliceToShow(store: Store, items: readonly number[]): Promise<number> {
  const rows = await store.db
    .selectFrom('cbir.slices')
    .select('item_id')
    .where('item_id', 'in', [...items])
    .where((eb) => eb('dose_max_gy', '>=', eb.ref('prescription_gy')))
    .orderBy('item_id')
    .execute()
  const chosen = rows[rows.length >> 1]?.item_id ?? items[0]
  if (chosen !== undefined) return chosen
  throw new LshError(
    'LSH03',
    'no held-out slice can be a query: all patients were used for training',
    {
      hint: 'Load further plans, or delete the database of the demo to train again.',
    },
  )
}

/** The names that a table does not contain. */
async function absent(
  store: Store,
  table: 'cbir.encoder' | 'lsh.family',
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
