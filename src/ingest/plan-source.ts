import { createHash } from 'node:crypto'
import type { Plan } from '../core/plan.js'
import { dicomMemory, fingerprintDicom } from './dicom/plans/files.js'
import { readDicomPlan } from './dicom/plans/plan.js'
import { fingerprintOpenKbp, readOpenKbp } from './openkbp/openkbp.js'
import { fingerprintPhantom, readPhantom } from './phantom/phantom.js'

/** Functions that read plans of one kind. */
interface PlanReader<Source extends { readonly sourceKey: string }> {
  /** @throws LshError `bad_input` for a plan that is refused. */
  read(source: Source): Promise<Plan>
  /**
   * Text that changes whenever the files may have changed, computed without reading them; null if that is impossible.
   */
  fingerprint(source: Source): Promise<string | null>
  /** Approximate upper limit of the memory for reading a plan, in bytes. */
  memory(source: Source): number
}

type SourceOf<Reader> = Reader extends PlanReader<infer Source> ? Source : never

function reader<Source extends { readonly sourceKey: string }>(
  reads: PlanReader<Source>,
): PlanReader<Source> {
  return reads
}

/** Rasters of one plan of 128 x 128 x 128 voxels, and the slices cut from them. */
const VOLUME_BYTES = 96 << 20

/** All kinds of plans. A source is sent between threads, so it must be plain data. */
const READERS = {
  dicom: reader({
    read: readDicomPlan,
    fingerprint: fingerprintDicom,
    memory: dicomMemory,
  }),
  openkbp: reader({
    read: readOpenKbp,
    fingerprint: fingerprintOpenKbp,
    memory: () => VOLUME_BYTES,
  }),
  phantom: reader({
    read: readPhantom,
    fingerprint: fingerprintPhantom,
    memory: () => VOLUME_BYTES,
  }),
}

type Readers = typeof READERS

/** A plan of any kind that is found but not yet read. */
export type PlanSource = {
  [Kind in keyof Readers]: { readonly kind: Kind; readonly source: SourceOf<Readers[Kind]> }
}[keyof Readers]

/** Reads and checks a plan of any kind. */
export function readPlan({ kind, source }: PlanSource): Promise<Plan> {
  return readerOf(kind).read(source)
}

/** sha256 in hex of the fingerprint of a plan's files, computed without reading them; null if there is none. */
export async function fingerprintOf({ kind, source }: PlanSource): Promise<string | null> {
  const text = await readerOf(kind).fingerprint(source)
  if (text === null) return null
  return createHash('sha256').update(`${kind}\n${text}`).digest('hex')
}

/** Approximate upper limit of the memory for reading a plan, in bytes. */
export function memoryOf({ kind, source }: PlanSource): number {
  return readerOf(kind).memory(source)
}

function readerOf(kind: keyof Readers): PlanReader<PlanSource['source']> {
  return READERS[kind]
}
