import { createHash } from 'node:crypto'
import { open, readFile, stat } from 'node:fs/promises'
import type { Budget } from '../../core/budget.js'
import { LshError } from '../../core/errors.js'
import { fromFileError } from '../../core/file-errors.js'
import type { Picture, PictureFacts } from '../../core/picture.js'
import { fileFingerprint } from '../files/file-fingerprint.js'
import { IMAGE_START_BYTES, imageFormat, namesImage } from './image-format.js'
import { neuronPng } from './neuron-projection.js'
import { listFiles, type ListedFile } from '../files/list-files.js'
import type { PictureLabels } from './picture-labels.js'
import { readImage } from './read-image.js'
import { readSwc } from './swc.js'

/** A file to load, with the facts about it. */
export interface PictureSource {
  readonly kind: Picture['kind']
  readonly path: string
  readonly facts: PictureFacts
}

/** The pictures of a folder. */
export interface ListedPictures {
  readonly sources: readonly PictureSource[]
  /** Keys of files of other kinds. */
  readonly leftOut: readonly string[]
  /** Rows of the table of labels whose files are missing. */
  readonly missing: readonly string[]
}

/** A neuron that was read, with its drawings. */
interface ReadNeuron extends ReturnType<typeof readSwc> {
  readonly preview: Uint8Array
}

/** Most bytes of a file. */
const MOST_BYTES = 1 << 29

/**
 * Finds the images below a folder, by content, or by name if the content is damaged. The label comes from the table,
 * else from the first folder in the path; the source comes from the table, else it is the image itself.
 */
export async function listImages(folder: string, labels?: PictureLabels): Promise<ListedPictures> {
  return listPictures('image', await listFiles(folder), {
    isMeant: async ({ path, key }) => namesImage(key) || imageFormat(await startOf(path)) !== null,
    sourceOf: (key) => key,
    ...(labels && { labels }),
  })
}

/**
 * Finds the morphologies below a folder, by the extension `.swc`. Labels as for images. The source comes from the
 * table, else it is the name without `axon` or `dendrite`, because one neuron may have a file for each.
 */
export async function listNeurons(folder: string, labels?: PictureLabels): Promise<ListedPictures> {
  return listPictures('neuron', await listFiles(folder), {
    isMeant: ({ key }) => Promise.resolve(/\.swc$/i.test(key)),
    sourceOf: neuronName,
    ...(labels && { labels }),
  })
}

/** The neuron of `hippocampus/axon_49.CNG.swc` is `49`. */
export function neuronName(key: string): string {
  const file = key
    .split('/')
    .at(-1)!
    .replace(/(\.CNG)?\.swc$/i, '')
  return file.replace(/^(axon|dendrite)s?[-_ ]|[-_ ](axon|dendrite)s?$/i, '')
}

/** Separates pictures of a kind from other files. */
export async function listPictures(
  kind: Picture['kind'],
  files: readonly ListedFile[],
  options: {
    isMeant: (file: ListedFile) => Promise<boolean>
    /** The source of a picture that the table does not name. */
    sourceOf: (key: string) => string
    labels?: PictureLabels
  },
): Promise<ListedPictures> {
  const { isMeant, sourceOf, labels } = options
  const sources: PictureSource[] = []
  const leftOut: string[] = []
  for (const file of files) {
    if (!(await isMeant(file))) {
      leftOut.push(file.key)
      continue
    }
    const { key, path } = file
    const folder = key.includes('/') ? (key.split('/')[0] as string) : null
    const said = labels?.get(key) ?? {}
    const facts = {
      sourceKey: key,
      source: sourceOf(key),
      split: null,
      label: folder,
      attributes: {},
      ...said,
    }
    sources.push({ kind, path, facts })
  }
  const found = new Set(sources.map(({ facts }) => facts.sourceKey))
  const missing = [...(labels?.keys() ?? [])].filter((key) => !found.has(key))
  return { sources, leftOut, missing }
}

/**
 * sha256 in hex of a file's name, size, times and facts; it changes whenever the file or its facts may have changed.
 */
export async function fingerprintPicture({ path, facts }: PictureSource): Promise<string> {
  return sha256(await fileFingerprint(path), JSON.stringify(facts))
}

/** @throws LshError `bad_input` for a file that is refused */
export async function readPicture(source: PictureSource, budget: Budget): Promise<Picture> {
  const { kind, facts } = source
  const bytes = await bytesOf(source.path)
  const checksum = sha256(bytes, JSON.stringify(facts))
  const read = kind === 'image' ? await readImage(bytes, budget) : readNeuron(bytes)
  const { content, preview, attributes, remarks } = read
  return {
    ...facts,
    kind,
    attributes: { ...facts.attributes, ...attributes },
    content,
    preview,
    checksum,
    remarks,
  }
}

/** A neuron from an SWC file, with its drawings. */
export function readNeuron(bytes: Buffer): ReadNeuron {
  // Comments may have any encoding; points are ASCII.
  const neuron = readSwc(bytes.toString('latin1'))
  return { ...neuron, preview: neuronPng(neuron.content) }
}

async function bytesOf(path: string): Promise<Buffer> {
  try {
    const { size } = await stat(path)
    if (size > 0 && size <= MOST_BYTES) return await readFile(path)
    throw new LshError(
      'bad_input',
      size === 0 ? 'it is empty' : `it has ${size} bytes, more than ${MOST_BYTES}`,
      { hint: 'Leave it out, or make the file smaller.' },
    )
  } catch (error) {
    const known = fromFileError(error)
    // An error of the file system includes the path, which the key already tells.
    if (known instanceof LshError && known.code === 'bad_input') throw known
    throw new LshError('bad_input', 'it cannot be read', {
      hint: 'Check that it is still there, and that you may read it.',
      cause: error,
    })
  }
}

async function startOf(path: string): Promise<Uint8Array> {
  const start = new Uint8Array(IMAGE_START_BYTES)
  const file = await open(path).catch(() => null)
  try {
    await file?.read(start)
  } finally {
    await file?.close()
  }
  return start
}

function sha256(...parts: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part).update('\n')
  return hash.digest('hex')
}
