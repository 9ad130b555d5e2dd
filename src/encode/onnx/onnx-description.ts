import { z } from 'zod'
import { LshError } from '../../core/errors.js'

/** Most rows and columns of an input; stored pictures have 256. */
const LARGEST = 512

const numbers = z.array(z.number()).min(1)

const shape = z.strictObject({
  size: z.int().min(8).max(LARGEST),
  channels: z.union([z.literal(1), z.literal(3)]).default(3),
  colour: z.enum(['rgb', 'bgr', 'grey', 'sides', 'ct']).default('rgb'),
  layout: z.enum(['nchw', 'nhwc']).default('nchw'),
  white: z.number().positive().default(1),
  mean: numbers.optional(),
  std: numbers.optional(),
  input: z.string().min(1).optional(),
  output: z.string().min(1).optional(),
  pool: z.enum(['none', 'first', 'mean']).default('none'),
  turns: z.boolean().default(false),
  normalise: z.boolean().default(false),
  window: z.tuple([z.number(), z.number()]).optional(),
  crop: z.enum(['raster', 'body']).optional(),
})

/** Default HU of black and of white, those of previews. */
export const CT_WINDOW = [-160, 240] as const

/** How pictures become the input of an ONNX model, and its output a vector. */
export interface OnnxDescription {
  /** Rows and columns of the input. */
  readonly size: number
  /** Values per pixel; a grey picture may be repeated three times. */
  readonly channels: 1 | 3
  /** Order of the colours; `sides` draws a neuron from three sides, `ct` is the CT of a slice. */
  readonly colour: 'rgb' | 'bgr' | 'grey' | 'sides' | 'ct'
  readonly layout: 'nchw' | 'nhwc'
  /** Value of white before mean and deviation are applied: 1, or 255 for models that take bytes. */
  readonly white: number
  /** Subtracted from each channel before the division by `std`. */
  readonly mean: readonly number[]
  readonly std: readonly number[]
  /** Names in the model. (Default: its only input and its first output) */
  readonly input?: string
  readonly output?: string
  /**
   * How an output of several vectors becomes one: `first` is the class token of a transformer, `mean` the mean of
   * tokens or places.
   */
  readonly pool: 'none' | 'first' | 'mean'
  /**
   * Averages the vectors of the picture in all rotations by quarter turns and their mirror images, at eight times the
   * cost.
   */
  readonly turns: boolean
  /** Scales vectors to length 1. */
  readonly normalise: boolean
  /** For `ct`: HU of black and of white. (Default: -160 and 240) */
  readonly window?: readonly [number, number]
  /** For `ct`: the whole raster, or the square around the body. (Default: 'raster') */
  readonly crop?: 'raster' | 'body'
}

/**
 * Parses and checks the description of a model.
 *
 * @param file name of the file in errors
 * @throws LshError `bad_input` that names each invalid field
 */
export function parseOnnxDescription(text: string, file: string): OnnxDescription {
  return checkedOnnxDescription(jsonOf(text, file), file)
}

/** Checks a description that was already parsed. */
export function checkedOnnxDescription(value: unknown, file: string): OnnxDescription {
  const parsed = shape.safeParse(value)
  if (!parsed.success)
    throw wrong(
      parsed.error.issues
        .map(({ path, message }) => `${path.length > 0 ? `${path.join('.')}: ` : ''}${message}`)
        .join('; '),
      file,
    )
  const { mean, std, input, output, window, crop, ...rest } = parsed.data
  const { channels, colour } = rest
  if (channels === 1 && colour !== 'grey' && colour !== 'ct')
    throw wrong(`channels: 1 is for colour "grey" or "ct", not "${colour}"`, file)
  if ((window ?? crop) !== undefined && colour !== 'ct')
    throw wrong(`window and crop are for colour "ct", not "${colour}"`, file)
  if (window && window[0] >= window[1]) throw wrong('window: black is not below white', file)
  const each = (name: 'mean' | 'std', values: number[] | undefined, usual: number) => {
    if (values === undefined) return Array<number>(channels).fill(usual)
    if (values.length === channels) return values
    throw wrong(`${name}: has ${values.length} numbers for ${channels} channels`, file)
  }
  if (std?.some((value) => value <= 0)) throw wrong('std: has a number that is not positive', file)
  return {
    ...rest,
    mean: each('mean', mean, 0),
    std: each('std', std, 1),
    ...(input !== undefined && { input }),
    ...(output !== undefined && { output }),
    ...(window && { window }),
    ...(crop && { crop }),
  }
}

function jsonOf(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw wrong(`it is not JSON: ${(cause as Error).message}`, file, cause)
  }
}

function wrong(message: string, file: string, cause?: unknown): LshError {
  return new LshError('bad_input', `${file}: ${message}`, {
    hint: 'It must hold at least { "size": 224 }; docs/images.md lists the fields.',
    cause,
  })
}
