import { addressOf, useAddress } from '../address.js'
import type { Dataset, Plan } from '../api.js'
import { Link } from '../parts/link.js'
import { Empty, Shown } from '../parts/state.js'
import { FilterControls } from '../search/search-controls.js'
import { FILTERS } from '../search/search-path.js'
import { useAnswer } from '../use-answer.js'

const MOST = 500

/** All plans that pass a filter, with links. */
export function PlansPage() {
  const { parameters } = useAddress()
  const datasets = useAnswer<{ datasets: Dataset[] }>('/datasets')
  const filter = Object.fromEntries(FILTERS.map((name) => [name, parameters.get(name)]))
  const plans = useAnswer<{ plans: Plan[] }>(addressOf('/plans', { ...filter, limit: MOST }))
  return (
    <div class="search">
      <aside class="controls" aria-label="Controls">
        <FilterControls
          datasets={datasets.value?.datasets ?? []}
          parameters={parameters}
          pictures={false}
        />
      </aside>
      <section class="results">
        <h1>Plans</h1>
        <Shown answer={plans} what="the plans">
          {({ plans: rows }) =>
            rows.length === 0 ? (
              <Empty title="There are no plans">
                No plan passes the filter, or no plans are loaded: “pg-lsh load openkbp DIR”.
              </Empty>
            ) : (
              <PlanTable plans={rows} />
            )
          }
        </Shown>
      </section>
    </div>
  )
}

function PlanTable({ plans }: { plans: readonly Plan[] }) {
  return (
    <div class="wide" tabIndex={0} role="region" aria-label="Table of plans">
      <table>
        <thead>
          <tr>
            <th scope="col">Plan</th>
            <th scope="col">Patient</th>
            <th scope="col">Site</th>
            <th scope="col" class="figure">
              Gy
            </th>
            <th scope="col" class="figure">
              Target cc
            </th>
            <th scope="col" class="figure">
              Slices
            </th>
            <th scope="col" class="figure">
              Structures
            </th>
          </tr>
        </thead>
        <tbody>
          {plans.map((plan) => (
            <tr key={plan.planId}>
              <th scope="row">
                <Link to={addressOf('/plan', { id: plan.planId })}>{plan.plan}</Link>
              </th>
              <td>{plan.patient}</td>
              <td>{plan.site ?? 'unknown'}</td>
              <td class="figure">{plan.prescriptionGy ?? '–'}</td>
              <td class="figure">{plan.targetVolumeCc?.toFixed(1) ?? '–'}</td>
              <td class="figure">{plan.slices}</td>
              <td class="figure">{plan.structures.length}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {plans.length === MOST && <p class="soft">The first {MOST}: a filter shows others.</p>}
    </div>
  )
}
