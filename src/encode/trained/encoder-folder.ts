import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LshError } from '../../core/errors.js'
import { makeFolder } from '../../core/make-folder.js'
import { encoderChecksum } from './checksum.js'
import { fieldsOf, HINT, parseJson } from './encoder-fields.js'
import type { Json, TrainedEncoder, WeightSpec } from './trained-encoder.js'

/** An encoder in the form in which one database exports it and another imports it. */
export interface PackedEncoder {
  readonly name: string
  readonly dataset: string
  /** Patients whose slices it was trained on, by name, because their numbers differ between databases. */
  readonly patients: readonly PatientName[]
  readonly trained: TrainedEncoder
}

/** Name of a patient that is the same in every database with the data set. */
export interface PatientName {
  readonly dataset: string
  readonly pseudonym: string
}

const FORMAT = 'pg-lsh-encoder'
const VERSION = 1

/** The file that `loadLayersModel` of TensorFlow.js reads: the layers and the path of the weights. */
const MODEL = 'model.json'
const WEIGHTS = 'weights.bin'
/** Most bytes of a JSON file: layers, the history of a training, thousands of patients. */
const mostJsonBytes = 64 << 20
/** The parts that TensorFlow.js does not know: preprocessing, feature layer, history, checksum. */
const ENCODER = 'encoder.json'

/**
 * Writes an encoder as a folder of three files; TensorFlow.js loads two of them.
 *
 * @throws LshError `bad_usage` if the folder is not empty.
 */
export async function writeEncoderFolder(folder: string, packed: PackedEncoder): Promise<void> {
  const { trained, ...origin } = packed
  const { topology, weightSpecs, weights, ...rest } = trained
  await makeFolder(folder)
  if ((await readdir(folder)).length > 0) {
    throw new LshError('bad_usage', `${folder} is not empty`, {
      hint: 'Export into a new folder, so that no files of two encoders mix.',
    })
  }
  const manifest = weightSpecs.map((spec) => ({ ...spec, dtype: 'float32' }))
  await writeFile(join(folder, WEIGHTS), weights)
  await writeJson(join(folder, MODEL), {
    format: 'layers-model',
    generatedBy: 'pg-lsh',
    convertedBy: null,
    modelTopology: topology,
    weightsManifest: [{ paths: [WEIGHTS], weights: manifest }],
  })
  // Written last, so that an incomplete folder is not a valid encoder.
  await writeJson(join(folder, ENCODER), { format: FORMAT, version: VERSION, ...origin, ...rest })
}

/**
 * Reads an encoder from its folder.
 *
 * @throws LshError `bad_input` with file and field if something is missing or does not match the checksum.
 */
export async function readEncoderFolder(folder: string): Promise<PackedEncoder> {
  const file = (name: string) => join(folder, name)
  const record = fieldsOf(file(ENCODER), parseJson(file(ENCODER), await text(file(ENCODER))))
  record.is('format', FORMAT)
  record.is('version', VERSION)
  const {
    format: _format,
    version: _version,
    name: _,
    dataset: __,
    patients: ___,
    ...rest
  } = record.all
  for (const name of ['architecture', 'featureLayer', 'backend', 'checksum']) record.text(name)
  for (const name of ['dims', 'baselineLoss', 'loss', 'seed']) record.number(name)
  record.object('preprocessing')
  record.list('history')
  record.list('quality')
  const packed = {
    name: record.text('name'),
    dataset: record.text('dataset'),
    patients: record.list('patients').map((patient, i) => {
      const entry = fieldsOf(`${file(ENCODER)}: patients[${i}]`, patient)
      return { dataset: entry.text('dataset'), pseudonym: entry.text('pseudonym') }
    }),
    // Its fields were checked above; those of the model come from the other two files.
    trained: { ...rest, ...(await readModel(file)) } as unknown as TrainedEncoder,
  }
  const actual = encoderChecksum(packed.trained)
  if (actual === packed.trained.checksum) return packed
  throw new LshError(
    'bad_input',
    `${file(ENCODER)}: checksum is ${record.text('checksum').slice(0, 12)}, but that of the three files is ${actual.slice(0, 12)}`,
    { hint: HINT },
  )
}

async function readModel(file: (name: string) => string) {
  const model = fieldsOf(file(MODEL), parseJson(file(MODEL), await text(file(MODEL))))
  model.is('format', 'layers-model')
  const topology = model.object('modelTopology') as Json
  const [group, ...more] = model.list('weightsManifest')
  const manifest = fieldsOf(`${file(MODEL)}: weightsManifest[0]`, group)
  if (more.length > 0 || JSON.stringify(manifest.all.paths) !== JSON.stringify([WEIGHTS])) {
    throw new LshError(
      'bad_input',
      `${file(MODEL)}: weightsManifest names other files than ${WEIGHTS}`,
      {
        hint: HINT,
      },
    )
  }
  const weightSpecs = manifest.list('weights').map((weight, i): WeightSpec => {
    const spec = fieldsOf(`${file(MODEL)}: weights[${i}]`, weight)
    spec.is('dtype', 'float32')
    return { name: spec.text('name'), shape: spec.list('shape').map(Number) }
  })
  const numbers = weightSpecs.reduce(
    (sum, { shape }) => sum + shape.reduce((product, length) => product * length, 1),
    0,
  )
  const size = await sizeOf(file(WEIGHTS))
  if (size !== 4 * numbers)
    throw new LshError(
      'bad_input',
      `${file(WEIGHTS)} has ${size} bytes, but the weightsManifest of ${MODEL} needs ${4 * numbers}`,
      { hint: HINT },
    )
  return { topology, weightSpecs, weights: new Uint8Array(await bytes(file(WEIGHTS))) }
}

async function text(path: string): Promise<string> {
  const size = await sizeOf(path)
  if (size > mostJsonBytes)
    throw new LshError('bad_input', `${path} has ${size} bytes, more than ${mostJsonBytes}`, {
      hint: HINT,
    })
  return (await bytes(path)).toString('utf8')
}

/** Checked before memory is allocated for a file of unknown size. */
async function sizeOf(path: string): Promise<number> {
  return (await readable(path, stat(path))).size
}

async function bytes(path: string): Promise<Buffer> {
  return readable(path, readFile(path))
}

async function readable<Read>(path: string, reading: Promise<Read>): Promise<Read> {
  try {
    return await reading
  } catch (cause) {
    throw new LshError('bad_input', `${path} cannot be read: ${(cause as Error).message}`, {
      hint: HINT,
      cause,
    })
  }
}

async function writeJson(path: string, value: object): Promise<void> {
  await writeFile(path, `${JSON.stringify(value, null, 2)}\n`)
}
