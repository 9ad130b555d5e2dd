import type { Split } from './plan.js'

/** Samples of 8 bit, channels side by side, row by row. */
export interface Raster {
  readonly rows: number
  readonly columns: number
  /** Grey, or red, green and blue. */
  readonly channels: 1 | 3
  /** `rows * columns * channels`. */
  readonly pixels: Uint8Array
}

/** A reconstructed neuron: points connected as trees, each with a parent that comes before it. */
export interface Morphology {
  /** Micrometres. */
  readonly x: Float32Array
  readonly y: Float32Array
  readonly z: Float32Array
  readonly radius: Float32Array
  /** Index of the parent; -1 for a root. */
  readonly parent: Int32Array
  /** 1 soma, 2 axon, 3 basal and 4 apical dendrite; others as the file says. */
  readonly type: Uint8Array
}

/** Facts about a picture outside plans, from its file and from tables. */
export interface PictureFacts {
  /** Relative to the folder that was loaded, with forward slashes: `lung_aca/1.jpeg`. */
  readonly sourceKey: string
  /** Patient, tile or neuron that it shows: all pictures of one source belong to the same split. */
  readonly source: string
  readonly split: Split
  readonly label: string | null
  readonly attributes: Readonly<Record<string, string | number | boolean>>
}

/** An image or a neuron, read and checked. */
export interface Picture extends PictureFacts {
  readonly kind: 'image' | 'neuron'
  readonly content: Raster | Morphology
  /** PNG, 8 bit. */
  readonly preview: Uint8Array
  /** sha256 in hex over the file and the facts. */
  readonly checksum: string
  /** What the reader assumed, left out or truncated. */
  readonly remarks: readonly string[]
}

/** Whether it is an image rather than a neuron. */
export function isRaster(content: Raster | Morphology): content is Raster {
  return 'pixels' in content
}
