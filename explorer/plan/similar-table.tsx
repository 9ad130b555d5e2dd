import { addressOf, setParameters } from '../address.js'
import type { SimilarPlans } from '../api.js'
import { Link } from '../parts/link.js'
import { Empty } from '../parts/state.js'

/** The plans most similar to a plan, with both directions of the distance. */
export function SimilarTable({
  similar,
  chosen,
}: {
  similar: SimilarPlans
  chosen: number | null
}) {
  if (similar.rows.length === 0)
    return <Empty title="No other plan is encoded">Load and encode plans of other patients.</Empty>
  return (
    <>
      <p class="soft">
        By the slices of both plans in {similar.space}, in {similar.milliseconds.toFixed(0)} ms: the
        distance is the greater of two means, forward from this plan’s slices to the nearest of the
        other, and backward.
      </p>
      <div class="wide" tabIndex={0} role="region" aria-label="Similar plans">
        <table>
          <thead>
            <tr>
              <th scope="col">Beside</th>
              <th scope="col">Plan</th>
              <th scope="col" class="figure">
                Distance
              </th>
              <th scope="col" class="figure">
                Forward
              </th>
              <th scope="col" class="figure">
                Backward
              </th>
              <th scope="col" class="figure">
                Matched
              </th>
              <th scope="col" class="figure">
                Gy
              </th>
              <th scope="col" class="figure">
                Target cc
              </th>
            </tr>
          </thead>
          <tbody>
            {similar.rows.map((row) => (
              <tr key={row.planId} class={row.planId === chosen ? 'chosen' : undefined}>
                <td>
                  <input
                    type="radio"
                    name="other"
                    aria-label={`Beside ${row.plan}`}
                    checked={row.planId === chosen}
                    onChange={() => setParameters({ other: row.planId })}
                  />
                </td>
                <th scope="row">
                  <Link to={addressOf('/plan', { id: row.planId })}>{row.plan}</Link>
                </th>
                <td class="figure">{row.distance.toFixed(3)}</td>
                <td class="figure">{row.forward.toFixed(3)}</td>
                <td class="figure">{row.backward.toFixed(3)}</td>
                <td class="figure">
                  {row.matched} of {row.slices}
                </td>
                <td class="figure">{row.prescriptionGy ?? '–'}</td>
                <td class="figure">{row.targetVolumeCc?.toFixed(1) ?? '–'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}
