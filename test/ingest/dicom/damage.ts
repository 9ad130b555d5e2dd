import { LshError } from '../../../src/core/errors.js'
import { random, type Random } from '../../../src/core/random.js'
import { readDose } from '../../../src/ingest/dicom/objects/dose.js'
import { readHeader } from '../../../src/ingest/dicom/plans/header.js'
import { readDicomImages } from '../../../src/ingest/dicom/objects/image.js'
import { readStructureSet } from '../../../src/ingest/dicom/objects/structure-set.js'
import { readTreatment } from '../../../src/ingest/dicom/objects/treatment.js'
import { syntax } from './bytes.js'
import { enhancedCt } from './enhanced-ct.js'
import { madeDicomPlan } from './made-plan.js'

/** Functions that read each kind of object. */
const readers = {
  'image 0.dcm': readDicomImages,
  'enhanced.dcm': readDicomImages,
  'structures.dcm': readStructureSet,
  'plan.dcm': readTreatment,
  'dose.dcm': (bytes: Uint8Array, name: string) => readDose(bytes, name, 60),
} as const

/** Reads seeded damaged files; rethrows any error that is not a refusal. */
export async function readDamaged(cases: number, seed: number): Promise<Record<string, number>> {
  const source = random(seed)
  const whole = [syntax.explicit, syntax.implicit, syntax.bigEndian, syntax.deflated].map(
    (transferSyntax) =>
      madeDicomPlan({ transferSyntax }).set('enhanced.dcm', enhancedCt([-3, 0, 3])),
  )
  const names = Object.keys(readers) as (keyof typeof readers)[]
  const counts = { read: 0, refused: 0 }
  for (let number = 0; number < cases; number++) {
    const name = names[number % names.length]!
    const files = whole[Math.floor(source.uniform() * whole.length)]!
    const bytes = damaged(files.get(name)!, source)
    try {
      const place = { name, path: name, size: bytes.length }
      await readHeader({ place, start: bytes }).catch(refusedOnly)
      await readers[name](bytes, name)
      counts.read++
    } catch (error) {
      refusedOnly(error)
      counts.refused++
    }
  }
  return counts
}

function refusedOnly(error: unknown): void {
  if (!(error instanceof LshError) || error.code !== 'bad_input') throw error
  const text = `${error.message} ${error.hint}`
  if (/harkness|5550123|elsewhere|mayor/i.test(text)) throw new Error('a refusal names the patient')
}

/** Flips bits, truncates, or writes a length that is too large. */
function damaged(bytes: Uint8Array, source: Random): Uint8Array {
  const copy = bytes.slice()
  // The header is where most damage has an effect.
  const within = source.uniform() < 0.7 ? Math.min(2000, copy.length) : copy.length
  const place = () => Math.floor(source.uniform() * within)
  const way = Math.floor(source.uniform() * 4)
  if (way === 0) return copy.subarray(0, Math.floor(source.uniform() * copy.length))
  if (way === 1) {
    const at = place()
    const lengths = [0xff, 0x7f, 0xfe, 0x80, 0x00]
    copy.fill(lengths[Math.floor(source.uniform() * lengths.length)]!, at, at + 4)
    return copy
  }
  const flips = way === 2 ? 1 : 1 + Math.floor(source.uniform() * 40)
  for (let flip = 0; flip < flips; flip++) copy[place()]! ^= 1 << Math.floor(source.uniform() * 8)
  return copy
}
