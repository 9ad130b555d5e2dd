import { outliers } from '../../src/compare/prediction/outliers.js'
import { dosedPlans } from '../../src/compare/prediction/plan-anatomies.js'
import { permutation, random } from '../../src/core/random.js'
import { openStore } from '../../src/store/connection/connect.js'
import { onlyDataset, patientsOf } from '../../src/store/plans/patients.js'
import { SPOILINGS, spoil } from '../compare/prediction/spoil.js'

/**
 * Corrupts the dose of some plans in memory, and counts how many of them `outliers` ranks first:
 * `npx tsx test/bench/outliers.ts URL [SPOILED] [SEEDS]`.
 */
const [url = '', spoiled = '20', seeds = '2'] = process.argv.slice(2)
const count = Number(spoiled)
/** Length of the ranking that is checked: two more than the corrupted plans. */
const named = count + 2
const store = await openStore(url)
try {
  const dataset = await onlyDataset(store)
  const patients = (await patientsOf(store, dataset)).map(({ id }) => id)
  const plans = (await dosedPlans(store, patients)).map(({ plan }) => plan)
  for (let seed = 1; seed <= Number(seeds); seed++) {
    const source = random(seed)
    const chosen = Array.from(
      permutation(plans.length, source).subarray(0, count),
      (i) => plans[i]!,
    )
    const how = new Map(chosen.map((plan, i) => [plan, SPOILINGS[i % SPOILINGS.length]!]))
    const found = await outliers(store, {
      patients,
      change: (anatomy) => spoil(anatomy, how.get(anatomy.volume.id) ?? null),
    })
    const first = found.slice(0, named).filter(({ plan_id }) => how.has(plan_id)).length
    console.log(
      `seed ${seed}: ${first} of ${count} spoiled plans are among the first ${named} of ${plans.length}`,
    )
    for (const [rank, { plan_id, plan, score, dose_gap_gy }] of found.entries()) {
      const name = how.get(plan_id)?.name
      if (name !== undefined || rank < named)
        console.log(
          `${rank + 1} ${plan} ${score.toFixed(1)} ${dose_gap_gy.toFixed(2)} Gy ${name ?? 'as it is'}`,
        )
    }
  }
} finally {
  await store.close()
}
