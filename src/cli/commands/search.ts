import { readFile } from 'node:fs/promises'
import { InvalidArgumentError, Option, type Command } from 'commander'
import { LshError } from '../../core/errors.js'
import type { HuWindow } from '../../ingest/volume/grey-window.js'
import { isPng } from '../../ingest/pictures/png-image.js'
import { encodeQuery, type EncodedQuery } from '../../search/encode-query.js'
import { similarSlices, slicesLike } from '../../search/similar-slices.js'
import type { Store } from '../../store/connection/connect.js'
import { assertDataset } from '../../store/plans/patients.js'
import { kindOfSpace } from '../../store/spaces/spaces.js'
import { contextOf } from '../context.js'
import { wholeNumber } from '../options.js'
import type { Output } from '../output.js'
import { searchPictures } from '../steps/search-pictures.js'

interface SearchCommandOptions {
  space: string
  item?: number
  file?: string
  window?: HuWindow
  neighbours: number
  samePatient?: boolean
  against?: string[]
  candidates?: number
  probes?: number
}

export function addSearchCommand(program: Command): void {
  program
    .command('search')
    .description('find the slices, images or neurons most similar to a stored one or to a file')
    .requiredOption('--space <name>', 'space to search')
    .option('--item <id>', 'slice, image or neuron to search with, a cbir.item.id', wholeNumber(1))
    .addOption(
      new Option(
        '--file <path>',
        'file to search with: DICOM of an axial CT slice, or PNG; in spaces of images any image; in spaces of neurons SWC',
      ).conflicts(['item', 'samePatient']),
    )
    .option(
      '--window <low,high>',
      'HU of black and white in a PNG (default: from the file, else estimated)',
      huWindow,
    )
    .option('-k, --neighbours <count>', 'neighbours to return', wholeNumber(1), 10)
    .option('--same-patient', 'include results of the same patient, tile or neuron')
    .option('--against <names...>', 'data sets to search (default: all)')
    .option(
      '--candidates <count>',
      'codes re-ranked by exact distance, 0 for estimated distances, which read no vectors (default: the index’s)',
      wholeNumber(0),
    )
    .option('--probes <count>', 'buckets visited (default: the index’s)', wholeNumber(1))
    .action(async (options: SearchCommandOptions, command: Command) => {
      const { output, withStore } = contextOf(command)
      const { space, item, file } = options
      if (item === undefined && file === undefined) {
        throw new LshError('bad_usage', 'a search needs a query', {
          hint: 'Give --item with the id of a stored slice, or --file with a DICOM file or a PNG.',
        })
      }
      const answer = await withStore(async (store) =>
        (await kindOfSpace(store, space)) === 'slice'
          ? found(store, options)
          : { pictures: await searchPictures(store, options) },
      )
      if ('pictures' in answer) {
        const pictures = marked(answer.pictures, options)
        output.table(pictures, [...foundColumns(options), 'label', 'source', 'key'])
        output.result({
          space,
          ...(item === undefined ? { file } : { item }),
          neighbours: pictures,
        })
        return
      }
      const { window } = answer
      const rows = marked(answer.rows, options)
      if (window) sayWindow(output, window)
      output.table(rows, [
        ...foundColumns(options),
        'patient',
        'plan',
        'index',
        { key: 'position_mm', label: 'position [mm]', digits: 1 },
      ])
      output.result({
        space,
        ...(item === undefined ? { file, window } : { item }),
        neighbours: rows,
      })
    })
}

/** Marks the rows of a search without re-ranking. */
function marked<Row extends object>(
  rows: readonly Row[],
  { candidates }: SearchCommandOptions,
): (Row & { estimated?: true })[] {
  return rows.map((row) => (candidates === 0 ? { ...row, estimated: true } : row))
}

function foundColumns({ candidates }: SearchCommandOptions) {
  const columns = ['item_id', 'distance', 'hamming'] as const
  return candidates === 0 ? ([...columns, 'estimated'] as const) : columns
}

async function found(store: Store, options: SearchCommandOptions) {
  const { db } = store
  const { against } = options
  for (const name of against ?? []) await assertDataset(store, name)
  const { space, item, file = '', neighbours: k, samePatient = false, candidates, probes } = options
  const how = {
    space,
    k,
    ...(candidates === undefined ? {} : { candidates }),
    ...(probes === undefined ? {} : { probes }),
  }
  if (item !== undefined) {
    const rows = await similarSlices(db, item, {
      ...how,
      excludeSamePatient: !samePatient,
      ...(against && { where: (slice) => slice('cbir.slices.dataset', 'in', against) }),
    }).execute()
    return { rows, window: null }
  }
  const bytes = await readFile(file)
  const image = isPng(bytes)
    ? { png: bytes, name: file, ...(options.window && { window: options.window }) }
    : { dicom: bytes, name: file }
  const query = await encodeQuery(db, space, image)
  const like = slicesLike(db, query, how)
  const searched = against ? like.where('slice.dataset', 'in', against) : like
  return { rows: await searched.execute(), window: query.window }
}

function sayWindow(output: Output, { low, high, from }: NonNullable<EncodedQuery['window']>): void {
  const origin = {
    given: 'as given',
    file: 'as the file says',
    estimated: 'estimated; give --window LOW,HIGH if it is another',
  }[from]
  output.say(`assuming that the picture shows ${low} HU black and ${high} HU white, ${origin}`)
}

/** Parses the HU of black and white, as `-160,240`. */
function huWindow(text: string): HuWindow {
  const [, low, high] = /^(-?\d+),(-?\d+)$/.exec(text) ?? []
  if (Number(low) < Number(high)) return { low: Number(low), high: Number(high) }
  throw new InvalidArgumentError('It must be HU of black and of white, as in --window=-160,240.')
}
