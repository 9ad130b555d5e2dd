import { createHash } from 'node:crypto'
import { LshError } from '../../../core/errors.js'
import { axialSlices, type AxialSlices } from './axial-slices.js'
import { mostSeriesPixels, readDicomImages } from './image.js'
import { rasterOf } from './raster.js'
import { refusal } from '../elements/refusal.js'
import { readPlace, type FilePlace } from '../../files/file-place.js'
import {
  dot,
  normalOf,
  stackOf,
  type PlacedImage,
  type Raster,
  type Stack,
} from '../../volume/planes.js'

/** A CT as acquired, and as axial slices. */
export interface CtVolume extends AxialSlices {
  /** Images as acquired, on which structures were drawn. */
  readonly acquired: Stack
  /** Usual distance between slices in mm. */
  readonly sliceMm: number
  /** sha256 in hex of each file. */
  readonly digests: readonly string[]
  /** Images that were left out, and irregularities. */
  readonly remarks: readonly string[]
}

/** An image of the series with its file. */
interface Acquired extends PlacedImage<Int16Array> {
  readonly raster: Raster
  readonly name: string
}

/** Largest difference of directions within a series, and relative difference of distances. */
const alike = 1e-3
/** Images closer than this, in mm, are at the same position. */
const samePlaceMm = 0.01
/** Largest gap within a scan, in mm and as a multiple of the usual distance. */
const widestGap = { mm: 20, times: 4 } as const
/** A gap this many times as wide as usual is remarked on. */
const unevenGap = 1.5
/**
 * Most localizers in a series, as a share of it plus a number; and the cosine of the angle beyond which images count as
 * across the others.
 */
const localizers = { of: 0.02, count: 1, cosine: 0.9 } as const

/** Reads the images of a CT series, from files in any order, and makes axial slices of them. */
export async function readCt(files: readonly FilePlace[]): Promise<CtVolume> {
  const images: Acquired[] = []
  const digests: string[] = []
  let pixels = 0
  for (const file of files) {
    const bytes = await readPlace(file)
    digests.push(createHash('sha256').update(bytes).digest('hex'))
    for (const image of await readDicomImages(bytes, file.name)) {
      images.push(placed(image, file.name))
      pixels += image.hu.length
      if (pixels > mostSeriesPixels)
        refusal(file.name)(
          `makes its series longer than ${mostSeriesPixels} pixels`,
          'Leave the series out, or reduce its images to 512 x 512.',
        )
    }
  }
  const { parallel, remarks } = withoutLocalizers(images)
  const distinct = withoutDoubles(parallel)
  const [first] = distinct as [Acquired]
  checkAlike(distinct)
  const acquired = stackOf(first.raster, distinct)
  const { usualMm, widestMm } = gapsOf(acquired, first.name)
  if (widestMm > unevenGap * usualMm)
    remarks.push(
      `the CT has a gap of ${widestMm.toFixed(1)} mm between slices that are ${usualMm.toFixed(1)} mm apart`,
    )
  const slices = axialSlices(acquired, usualMm, first.name)
  if (!slices.asAcquired)
    remarks.push('the images of the CT are not axial; axial slices are cut through them')
  return { acquired, ...slices, sliceMm: usualMm, digests, remarks }
}

/**
 * Leaves out single images across all others of their series: localizers that are not marked as such. They are not part
 * of the volume.
 */
function withoutLocalizers(images: readonly Acquired[]): {
  parallel: readonly Acquired[]
  remarks: string[]
} {
  const groups: Acquired[][] = []
  for (const image of images) {
    const group = groups.find(([one]) => one !== undefined && isParallel(one, image))
    if (group === undefined) groups.push([image])
    else group.push(image)
  }
  const [parallel = [], ...others] = groups.sort((a, b) => b.length - a.length)
  const across = others.flat()
  if (across.length === 0 || across.length > localizers.of * images.length + localizers.count)
    return { parallel: images, remarks: [] }
  const names = across.map(({ name }) => name).join(', ')
  return {
    parallel,
    remarks: [`${names}: lies across the other images of the CT and is left out as a localizer`],
  }
}

function isParallel({ raster: a }: Acquired, { raster: b }: Acquired): boolean {
  return Math.abs(dot(normalOf(a), normalOf(b))) > localizers.cosine
}

function placed(image: Awaited<ReturnType<typeof readDicomImages>>[number], name: string) {
  const { rows, columns, hu, originMm, orientation, spacingMm } = image
  const refuse = refusal(name)
  if (originMm === null) return refuse('lacks (0020,0032) Image Position (Patient)')
  if (orientation === null) return refuse('lacks (0020,0037) Image Orientation (Patient)')
  if (spacingMm === null) return refuse('lacks (0028,0030) Pixel Spacing')
  return {
    name,
    origin: originMm,
    values: hu,
    raster: rasterOf({ rows, columns, orientation, spacingMm }, name),
  }
}

/** Leaves out duplicate images with the same content. */
function withoutDoubles(images: readonly Acquired[]): Acquired[] {
  const [first] = images
  if (first === undefined)
    throw new LshError('bad_input', 'a CT series has no images', { hint: 'Give one with slices.' })
  const normal = normalOf(first.raster)
  const byDepth = images
    .map((image) => ({ image, depth: dot(image.origin, normal) }))
    .sort((a, b) => a.depth - b.depth)
  const kept: typeof byDepth = []
  for (const one of byDepth) {
    const before = kept.at(-1)
    if (before === undefined || one.depth - before.depth > samePlaceMm) kept.push(one)
    else if (!sameValues(one.image.values, before.image.values))
      refusal(one.image.name, '(0020,0032) Image Position (Patient)')(
        `is also that of ${before.image.name}, which shows something else`,
        'Export one reconstruction of the series only.',
      )
  }
  return kept.map(({ image }) => image)
}

function sameValues(a: Int16Array, b: Int16Array): boolean {
  return Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(
    Buffer.from(b.buffer, b.byteOffset, b.byteLength),
  )
}

function checkAlike(images: readonly Acquired[]): void {
  const { raster } = images[0] as Acquired
  for (const { raster: other, name } of images) {
    const same =
      other.rows === raster.rows &&
      other.columns === raster.columns &&
      other.spacingMm.every(
        (mm, i) => Math.abs(mm / (raster.spacingMm[i] as number) - 1) < alike,
      ) &&
      dot(other.across, raster.across) > 1 - alike &&
      dot(other.down, raster.down) > 1 - alike
    if (!same)
      refusal(name)(
        'has another size, spacing or orientation than the other images of its series',
        'Export the series without the images that do not belong to it.',
      )
  }
}

/** Median and largest distance of neighbouring images; a much larger one means that images are missing. */
function gapsOf({ depths }: Stack, name: string): { usualMm: number; widestMm: number } {
  const gaps = depths.slice(1).map((depth, i) => depth - (depths[i] as number))
  if (gaps.length === 0)
    refusal(name)('is the only image of its series', 'Give a series with two slices or more.')
  const usualMm = [...gaps].sort((a, b) => a - b)[gaps.length >> 1] as number
  const widestMm = gaps.reduce((widest, gap) => Math.max(widest, gap), 0)
  if (widestMm > widestGap.mm && widestMm > widestGap.times * usualMm)
    refusal(name)(
      `is of a series with a gap of ${widestMm.toFixed(1)} mm between slices that are ${usualMm.toFixed(1)} mm apart`,
      'Export the series again: slices are missing.',
    )
  return { usualMm, widestMm }
}
