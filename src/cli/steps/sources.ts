import { listOpenKbp } from '../../ingest/openkbp/openkbp.js'
import { listPhantoms, type PhantomOptions } from '../../ingest/phantom/phantom.js'
import type { PlanSource } from '../../ingest/plan-source.js'

export async function openKbpPlans(folder: string): Promise<PlanSource[]> {
  return (await listOpenKbp(folder)).map((source) => ({ kind: 'openkbp', source }))
}

export function phantomPlans(options: PhantomOptions & { patients: number }): PlanSource[] {
  return listPhantoms(options).map((source) => ({ kind: 'phantom', source }))
}
