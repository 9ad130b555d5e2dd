import type { DrawnStructure } from '../../core/plan.js'
import type { JoinedFiles } from '../../ingest/dicom/plans/source.js'
import type { PlanSource } from '../../ingest/plan-source.js'
import type { LoadedPlan } from '../../store/plans/load-plans.js'

/** How a plan was joined and read. */
export interface ExplainedPlan {
  readonly plan: string
  /** `null` for formats whose plans need no joining. */
  readonly joined: JoinedFiles | null
  /** Empty for a plan that was refused, or whose structures are masks. */
  readonly structures: readonly DrawnStructure[]
  /** Assumptions, and parts that were left out or cut off. */
  readonly assumed: readonly string[]
  /** Why it was refused; `null` if it was not. */
  readonly refused: string | null
}

export function explainPlan(
  source: PlanSource | undefined,
  { key, drawn, remarks, refusal }: LoadedPlan,
): ExplainedPlan {
  const joined = source?.kind === 'dicom' ? source.source.joined : null
  const refused = refusal?.message ?? null
  return { plan: key, joined, structures: drawn, assumed: remarks, refused }
}

/** The explanation of a plan as lines of text. */
export function explanationOf(explained: ExplainedPlan): string {
  const { plan, joined, structures, assumed, refused } = explained
  const files = joined && [
    `RT plan: ${joined.plan ?? 'none'}`,
    `structure set: ${joined.structures}`,
    `CT: ${joined.ct}`,
    `dose: ${joined.dose}`,
  ]
  const assumptions = assumed.length === 0 ? ['nothing was assumed'] : assumed
  return [
    `${plan}:`,
    ...(files ?? []),
    ...structures.map(drawnLine),
    ...(refused === null ? assumptions.map((line) => `- ${line}`) : [`refused: ${refused}`]),
  ].join('\n  ')
}

function drawnLine({ name, planes, spacingMm, volumeCc, dosedShare }: DrawnStructure): string {
  const apart = spacingMm === null ? '' : ` ${spacingMm.toFixed(2)} mm apart`
  const drawn = planes === 0 ? 'no closed contours' : `${planes} planes${apart}`
  const volume = volumeCc === null ? 'no volume' : `${volumeCc.toFixed(3)} cc`
  const covered = dosedShare === null ? '' : `, ${percentOf(dosedShare)} covered by the dose`
  return `structure ${name}: ${drawn}, ${volume}${covered}`
}

/** Rounded down, so that incomplete coverage is never shown as complete. */
function percentOf(share: number): string {
  return `${(Math.floor(share * 1000 + 1e-6) / 10).toFixed(1)} %`
}
