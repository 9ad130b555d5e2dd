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

/** A reconstructed neuron: points that hang together as trees, each with a parent that comes before it. */
export interface Morphology {
  /** Micrometres. */
  readonly x: Float32Array
  readonly y: Float32Array
  readonly z: Float32Array
  readonly radius: Float32Array
  /** Place of the parent; -1 of a root. */
  readonly parent: Int32Array
  /** 1 soma, 2 axon, 3 basal and 4 apical dendrite; others as the file says. */
  readonly type: Uint8Array
}

/** What a picture outside plans is of, as files and tables about them say. */
export interface PictureFacts {
  /** Relative to the folder that was loaded, with forward slashes: `lung_aca/1.jpeg`. */
  readonly sourceKey: string
  /** Patient, tile or neuron that it shows: of one of them all pictures play the same part. */
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
  /** What was assumed, left out or cut off in reading it. */
  readonly remarks: readonly string[]
}

/** Whether it is an image, and not a neuron. */
export function isRaster(content: Raster | Morphology): content is Raster {
  return 'pixels' in content
}
