import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { LshError } from '../core/errors.js'
import type { Raster } from '../core/picture.js'
import type { SliceWithAny } from '../encode/frames/frame.js'
import { imageFormat } from '../ingest/pictures/image-format.js'
import { isPng } from '../ingest/pictures/png-image.js'
import { encodeQuery, type EncodedQuery } from '../search/encode-query.js'
import { hashQuery } from '../search/hash-query.js'
import { openIndex } from '../search/open-index.js'
import { openSpace, type OpenSpace } from '../search/open-space.js'
import { readPictureQuery } from '../search/picture-features.js'
import { readQueryImage, type QueryImage } from '../search/query-image.js'
import type { Store } from '../store/connection/connect.js'

/** An uploaded file. Of DICOM only the pixels are kept, and nothing that identifies the patient. */
export interface Upload {
  readonly kind: 'dicom' | 'image' | 'neuron'
  readonly slice: SliceWithAny | null
  readonly bytes: Buffer | null
  /** Picture as PNG; null for a slice, which has HU. */
  readonly preview: Uint8Array | null
  /** By space and version of its encoder. */
  readonly queries: Map<string, Promise<EncodedQuery>>
}

/** Uploaded query files, kept while the server runs. */
export interface Uploads {
  /** Reads a file, and returns the name for searches. */
  add(bytes: Buffer): Promise<{ name: string; upload: Upload }>
  get(name: string): Upload
  /** An upload as a query of a space. */
  encoded(name: string, space: string, index: string): Promise<EncodedQuery>
  close(): void
}

/** Most uploads to keep; the oldest are removed. */
const MOST = 16
/** Most encodings that may wait; each takes a processor for up to a second. */
const WAITING = 8

export function openUploads(store: Store): Uploads {
  const kept = new Map<string, Upload>()
  const opened = new Map<string, Promise<OpenSpace>>()
  let waiting = 0
  let last: Promise<unknown> = Promise.resolve()

  /** Runs one at a time, because each uses the whole processor. */
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    if (waiting >= WAITING)
      throw new LshError('backend', 'too many files wait to be encoded', {
        hint: 'Try again in a few seconds.',
      })
    waiting++
    const turn = last.then(work, work)
    last = turn.catch(() => undefined)
    try {
      return await turn
    } finally {
      waiting--
    }
  }

  const get = (name: string): Upload => {
    const upload = kept.get(name)
    if (upload) return upload
    throw new LshError('LSH01', 'the upload is no longer kept', { hint: 'Upload it again.' })
  }

  const spaceOf = async (space: string, version: string): Promise<OpenSpace> => {
    const key = `${space} ${version}`
    const standing = opened.get(key)
    if (standing) return standing
    for (const [old, one] of opened)
      if (old.startsWith(`${space} `)) {
        opened.delete(old)
        one.then(
          (gone) => gone.close(),
          () => undefined,
        )
      }
    const opening = openSpace(store.db, space)
    opened.set(key, opening)
    opening.catch(() => opened.delete(key))
    return opening
  }

  const encode = async (
    upload: Upload,
    space: string,
    index: string,
    version: string,
  ): Promise<EncodedQuery> => {
    const open = await spaceOf(space, version)
    const query = await encodeQuery(store.db, open, imageOf(upload, open))
    if (query.index.name === index) return query
    return Object.assign(hashQuery(await openIndex(store.db, index), query.vector), {
      window: query.window,
    })
  }

  return {
    get,
    add: async (bytes) => {
      const upload = await inTurn(() => readUpload(bytes))
      const name = randomBytes(16).toString('hex')
      kept.set(name, upload)
      for (const oldest of kept.keys()) if (kept.size > MOST) kept.delete(oldest)
      return { name, upload }
    },
    encoded: async (name, space, index) => {
      const { queries } = get(name)
      const version = await versionOf(store, space)
      const key = `${space} ${index} ${version}`
      const standing = queries.get(key)
      if (standing) return standing
      const encoding = inTurn(() => encode(get(name), space, index, version))
      queries.set(key, encoding)
      encoding.catch(() => queries.delete(key))
      return encoding
    },
    close: () => {
      for (const one of opened.values())
        one.then(
          (open) => open.close(),
          () => undefined,
        )
      opened.clear()
    },
  }
}

/** An upload as a query of a space. */
function imageOf({ kind, slice, bytes }: Upload, { name: space, holds }: OpenSpace): QueryImage {
  const name = 'the upload'
  if (holds === 'slice') {
    if (slice) return slice
    if (bytes && kind === 'image' && isPng(bytes)) return { png: bytes, name }
    throw new LshError('bad_usage', `space "${space}" holds slices of CT`, {
      hint: 'Upload one in DICOM, or as a PNG; or choose a space of images or neurons.',
    })
  }
  if (bytes) return kind === 'neuron' ? { swc: bytes, name } : { image: bytes, name }
  throw new LshError('bad_usage', `space "${space}" holds no slices of CT`, {
    hint: 'Choose a space of slices, or upload an image.',
  })
}

/** Identifies the encoder and family; a change makes another query of the same file. */
async function versionOf({ db }: Store, space: string): Promise<string> {
  const { rows } = await sql<{ version: string | null }>`
    select concat_ws(',',
      (select string_agg(checksum, ',' order by id) from cbir.encoder where id = any (cbir.encoders_of(${space}))),
      (select string_agg(name || ':' || family_id, ',' order by id) from lsh.index
       where relation = to_regclass(format('space.%I', ${space}::text)))) as version`.execute(db)
  return rows[0]?.version ?? ''
}

async function readUpload(bytes: Buffer): Promise<Upload> {
  const queries: Upload['queries'] = new Map()
  // DICOM files may lack their preamble; text files such as SWC have no zero byte.
  if (imageFormat(bytes) === null && bytes.includes(0)) {
    const slice = (await readQueryImage({ dicom: bytes, name: 'the upload' })) as SliceWithAny
    return { kind: 'dicom', slice, bytes: null, preview: null, queries }
  }
  const { preview } = await readPictureQuery(bytes, 'the upload')
  const kind = imageFormat(bytes) === null ? 'neuron' : 'image'
  return { kind, slice: null, bytes, preview, queries }
}

/** Rows and columns of an upload; null for a neuron. */
export function sizeOf({ slice, preview }: Upload): Pick<Raster, 'rows' | 'columns'> | null {
  if (slice) return { rows: slice.rows, columns: slice.columns }
  if (preview === null) return null
  const header = Buffer.from(preview.buffer, preview.byteOffset, preview.byteLength)
  return { columns: header.readUInt32BE(16), rows: header.readUInt32BE(20) }
}
