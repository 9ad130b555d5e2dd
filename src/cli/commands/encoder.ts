import type { Command } from 'commander'
import { assertEncodes, describeLayers } from '../../encode/describe-encoder.js'
import { readEncoderFolder, writeEncoderFolder } from '../../encode/trained/encoder-folder.js'
import type { ImageQuality } from '../../encode/trained/reconstruction-quality.js'
import { LshError } from '../../core/errors.js'
import { listEncoders, type EncoderSummary } from '../../store/spaces/encoder-list.js'
import { readEncoder } from '../../store/spaces/encoders.js'
import { addPackedEncoder, packEncoder } from '../../store/spaces/exchange-encoder.js'
import { contextOf } from '../context.js'
import type { Output } from '../output.js'
import { QUALITY_COLUMNS } from '../quality-columns.js'

export function addEncoderCommand(program: Command): void {
  const encoder = program
    .command('encoder')
    .description('list, show, export and import trained encoders')
  addList(encoder)
  addShow(encoder)
  addExport(encoder)
  addImport(encoder)
}

function addList(encoder: Command): void {
  encoder
    .command('list')
    .description('list the trained encoders with their size and quality')
    .action(async (_: object, command: Command) => {
      const { output, withStore } = contextOf(command)
      const encoders = await withStore(listEncoders)
      if (encoders.length === 0) output.say('no encoders yet: train one with "pg-lsh train"')
      const short = encoders.map((one) => ({
        ...one,
        ...figuresOf(one),
        checksum: one.checksum.slice(0, 12),
      }))
      output.table(short, [
        'name',
        'dataset',
        'architecture',
        'dims',
        'patients',
        'epochs',
        ...QUALITY_COLUMNS,
        'bytes',
        'checksum',
      ])
      output.result({ encoders })
    })
}

/** The figures of the first kind of image that the encoder sees. */
function figuresOf({ quality: [first] }: EncoderSummary): Partial<ImageQuality> {
  if (!first) return {}
  const { psnr_body_db, psnr_whole_db, ssim_body, ssim_whole } = first
  return { psnr_body_db, psnr_whole_db, ssim_body, ssim_whole }
}

function addShow(encoder: Command): void {
  encoder
    .command('show <name>')
    .description('show one encoder: layers, preprocessing, training, checksum')
    .action(async (name: string, _: object, command: Command) => {
      const { output, withStore } = contextOf(command)
      const shown = await withStore(async (store) => {
        const trained = await readEncoder(store, name)
        const summary = (await listEncoders(store)).find((one) => one.name === name)
        return { ...(summary as EncoderSummary), layers: await describeLayers(trained) }
      })
      const { history, layers, ...facts } = shown
      output.table(
        Object.entries(facts).map(([fact, value]) => ({ fact, value: valueText(value) })),
        ['fact', 'value'],
      )
      output.table(
        layers.map((layer) => ({ ...layer, output: layer.output.join(' × ') })),
        [{ key: 'name', label: 'layer' }, 'kind', 'output', 'parameters'],
      )
      output.table(history, [
        'epoch',
        { key: 'trainLoss', label: 'training loss', digits: 6 },
        { key: 'validationLoss', label: 'validation loss', digits: 6 },
        { key: 'seconds', digits: 1 },
      ])
      output.result(shown)
    })
}

function addExport(encoder: Command): void {
  encoder
    .command('export <name> <dir>')
    .description(
      'write an encoder to a folder: model.json and weights.bin for TensorFlow.js, and encoder.json',
    )
    .action(async (name: string, dir: string, _: object, command: Command) => {
      const { output, withStore } = contextOf(command)
      const packed = await withStore((store) => packEncoder(store, name))
      await writeEncoderFolder(dir, packed)
      const { patients, trained } = packed
      output.say(
        `encoder ${name} written to ${dir}, with the pseudonyms of the ${patients.length} patients it was trained on`,
      )
      output.result({ name, dir, patients: patients.length, checksum: trained.checksum })
    })
}

function addImport(encoder: Command): void {
  encoder
    .command('import <dir>')
    .description('import an exported encoder into this database and create its space')
    .option('--name <name>', 'name of the encoder and its space (default: the exported name)')
    .action(async (dir: string, options: { name?: string }, command: Command) => {
      const { output, withStore } = contextOf(command)
      const packed = await readEncoderFolder(dir)
      await assertEncodes(packed.trained).catch((error: unknown) => refuse(dir, error))
      const added = await withStore((store) => addPackedEncoder(store, packed, options), {
        create: true,
      })
      const { name, patients, unknownPatients } = added
      output.say(
        `encoder ${name} imported, trained on ${patients} patients of ${packed.dataset}; fill its space: pg-lsh encode --space ${name}`,
      )
      sayUnknown(output, unknownPatients)
      output.result({ ...added, checksum: packed.trained.checksum })
    })
}

function sayUnknown(output: Output, count: number): void {
  if (count === 0) return
  output.say(
    `${count} of them have no plans in this database; they are noted, and stay out of its evaluations if they are loaded`,
  )
}

/** Adds the folder to the error, because a loaded encoder no longer knows it. */
function refuse(dir: string, error: unknown): never {
  if (!(error instanceof LshError)) throw error
  const { code, message, hint } = error
  throw new LshError(code, `${dir}: ${message}`, { hint, cause: error })
}

function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
