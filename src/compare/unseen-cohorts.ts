import type { Store } from '../store/connection/connect.js'
import type { Cohorts } from '../store/plans/cohorts.js'
import { patientsSeen } from '../store/spaces/encoders.js'
import { assertUnseen } from './measurable.js'

/**
 * Query patients of a space. Without folds, its encoders must not have been trained on any of them; in folds, training
 * patients are left out.
 */
export async function unseenCohorts(
  store: Store,
  space: string,
  {
    cohorts,
    folds,
    onRemark,
  }: {
    cohorts: readonly Cohorts[]
    folds: number | undefined
    onRemark: ((space: string, remark: string) => void) | undefined
  },
): Promise<readonly Cohorts[]> {
  const everybody = cohorts.flatMap(({ asking }) => [...asking])
  const seen = await patientsSeen(store, space)
  const left = cohorts
    .map((cohort) => ({ ...cohort, asking: cohort.asking.filter((one) => !seen.has(one)) }))
    .filter(({ asking }) => asking.length > 0)
  if (folds === undefined || left.length === 0) await assertUnseen(store, space, everybody)
  const count = left.reduce((sum, { asking }) => sum + asking.length, 0)
  if (count < everybody.length)
    onRemark?.(
      space,
      `${count} of ${everybody.length} patients are queries; its encoder was trained on the others`,
    )
  return left
}
