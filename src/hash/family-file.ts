import { readFile, writeFile } from 'node:fs/promises'
import { LshError } from '../core/errors.js'
import { assertFamily } from './assert-family.js'
import type { HashFamily } from './family.js'
import { FAMILY_KINDS } from './kinds.js'

/** A hash family in the form in which one database exports it and another imports it. */
export interface PackedFamily {
  readonly family: HashFamily
  /** The calibration of the family, as in `lsh.family.calibration`. */
  readonly calibration: object
}

const FORMAT = 'pg-lsh-family'
const VERSION = 1
const HINT =
  'Export it again from the database that has the family: "pg-lsh family export NAME FILE".'

/**
 * Writes a family as a JSON file. The numbers of directions and cells are the bytes of the database, little-endian in
 * base64, so that the family keeps its checksum.
 *
 * @throws the error of the file system, `EEXIST` if the file already exists
 */
export async function writeFamilyFile(path: string, packed: PackedFamily): Promise<void> {
  const { family, calibration } = packed
  const { center, code, bucket, ...facts } = family
  const record = {
    format: FORMAT,
    formatVersion: VERSION,
    ...facts,
    center: bytesOf(center),
    code: {
      weight: bytesOf(code.weight),
      phase: code.phase && bytesOf(code.phase),
      threshold: bytesOf(code.threshold),
    },
    bucket:
      bucket.kind === 'voronoi'
        ? {
            kind: bucket.kind,
            weight: bytesOf(bucket.weight),
            parent: bytesOf(bucket.parent),
            groups: bytesOf(bucket.groups),
            images: bucket.images && bytesOf(bucket.images),
          }
        : {
            kind: bucket.kind,
            weight: bytesOf(bucket.weight),
            threshold: bytesOf(bucket.threshold),
          },
    calibration,
  }
  await writeFile(path, `${JSON.stringify(record)}\n`, { flag: 'wx' })
}

type Fields = Readonly<Record<string, unknown>>

/**
 * Reads a family from its file.
 *
 * @throws LshError `bad_input` if the file is not a family, or its content does not match its checksum
 */
export async function readFamilyFile(path: string): Promise<PackedFamily> {
  const refuse = (problem: string, cause?: unknown): never => {
    throw new LshError('bad_input', `${path} ${problem}`, { hint: HINT, cause })
  }
  const parsed = await readFile(path, 'utf8').then((text) => {
    try {
      return JSON.parse(text) as unknown
    } catch (cause) {
      return refuse('is not JSON', cause)
    }
  })
  const fields = (name: string, value: unknown): Fields =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Fields)
      : refuse(`has no ${name}`)
  const all = fields('object', parsed)
  if (all.format !== FORMAT || all.formatVersion !== VERSION)
    refuse(`is not a file of a hash family in format ${VERSION}`)
  const text = (name: string) =>
    typeof all[name] === 'string' ? all[name] : refuse(`has no text "${name}"`)
  const whole = (name: string) =>
    Number.isSafeInteger(all[name]) ? (all[name] as number) : refuse(`has no number "${name}"`)
  const [code, bucket] = [fields('code', all.code), fields('bucket', all.bucket)]
  const bytes = (part: Fields, name: string): Buffer =>
    typeof part[name] === 'string' ? Buffer.from(part[name], 'base64') : refuse(`lacks "${name}"`)
  const floats = (part: Fields, name: string) => new Float32Array(aligned(bytes(part, name), 4))
  const doubles = (part: Fields, name: string) => new Float64Array(aligned(bytes(part, name), 8))
  const kind =
    FAMILY_KINDS.find((one) => one === all.kind) ?? refuse('names an unknown kind of family')
  const bucketKind = (['bits', 'qary', 'voronoi'] as const).find((one) => one === bucket.kind)
  const { bandwidth } = all
  const family: HashFamily = {
    name: text('name'),
    kind,
    dims: whole('dims'),
    bits: whole('bits'),
    levels: whole('levels'),
    seed: whole('seed'),
    bandwidth:
      bandwidth === null || typeof bandwidth === 'number'
        ? bandwidth
        : refuse('has no number "bandwidth"'),
    version: whole('version'),
    checksum: text('checksum'),
    center: floats(all, 'center'),
    code: {
      weight: floats(code, 'weight'),
      phase: code.phase === null ? null : doubles(code, 'phase'),
      threshold: doubles(code, 'threshold'),
    },
    bucket:
      bucketKind === 'voronoi'
        ? {
            kind: bucketKind,
            weight: floats(bucket, 'weight'),
            parent: new Int32Array(aligned(bytes(bucket, 'parent'), 4)),
            groups: floats(bucket, 'groups'),
            images: bucket.images === null ? null : floats(bucket, 'images'),
          }
        : {
            kind: bucketKind ?? refuse('names an unknown kind of buckets'),
            weight: floats(bucket, 'weight'),
            threshold: doubles(bucket, 'threshold'),
          },
  }
  try {
    assertFamily(family)
  } catch (cause) {
    if (cause instanceof LshError) refuse(`is damaged: ${cause.message}`, cause)
    throw cause
  }
  return { family, calibration: fields('calibration', all.calibration) }
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64')
}

/**
 * The bytes, copied so that an array of numbers may begin there. Drops an incomplete number at the end, which the
 * checks of lengths then detect.
 */
function aligned(bytes: Buffer, width: number): ArrayBuffer {
  const length = bytes.length - (bytes.length % width)
  const copy = new Uint8Array(length)
  copy.set(bytes.subarray(0, length))
  return copy.buffer
}
