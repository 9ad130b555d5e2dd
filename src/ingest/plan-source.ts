import { createHash } from 'node:crypto'
import type { Plan } from '../core/plan.js'
import { dicomMemory, fingerprintDicom } from './dicom/plans/files.js'
import { readDicomPlan } from './dicom/plans/plan.js'
import { fingerprintOpenKbp, readOpenKbp } from './openkbp/openkbp.js'
import { fingerprintPhantom, readPhantom } from './phantom/phantom.js'

/** How plans of one kind are read. */
interface PlanReader<Source extends { readonly sourceKey: string }> {
  /** @throws LshError `bad_input` for what is refused. */
  read(source: Source): Promise<Plan>
  /** Text that changes whenever the files may have, found without reading them; null where there is none. */
  fingerprint(source: Source): Promise<string | null>
  /** Bytes of memory that reading takes at most, about. */
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

/** All kinds of plans there are. A source crosses between threads, so it is plain data. */
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

/** sha256 in hex of what tells, without reading them, that the files of a plan are as they were; null where nothing does. */
export async function fingerprintOf({ kind, source }: PlanSource): Promise<string | null> {
  const text = await readerOf(kind).fingerprint(source)
  if (text === null) return null
  return createHash('sha256').update(`${kind}\n${text}`).digest('hex')
}

/** Bytes of memory that reading a plan takes at most, about. */
export function memoryOf({ kind, source }: PlanSource): number {
  return readerOf(kind).memory(source)
}

function readerOf(kind: keyof Readers): PlanReader<PlanSource['source']> {
  return READERS[kind]
}
