/** A field of a message of Protocol Buffers: a number, or bytes with their length. */
function field(number: number, value: number | string | Uint8Array): Buffer {
  if (typeof value === 'number') return Buffer.concat([varint(number << 3), varint(value)])
  const bytes = Buffer.from(value)
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes])
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128)
  return Buffer.from([...bytes, value])
}

const message = (...fields: Buffer[]) => Buffer.concat(fields)

const FLOAT = 1

/** A named tensor of the input or the output; variable lengths have a name. */
function value(name: string, shape: readonly (number | string)[], type = FLOAT): Buffer {
  const dims = shape.map((length) => field(1, field(typeof length === 'number' ? 1 : 2, length)))
  const tensor = message(field(1, type), field(2, message(...dims)))
  return message(field(1, name), field(2, field(1, tensor)))
}

function node(type: string, input: string, output: string): Buffer {
  return field(1, message(field(1, input), field(2, output), field(4, type)))
}

export interface OnnxBytesOptions {
  /** Pictures per call. (Default: any number) */
  batch?: number | string
  /** Type of the input as ONNX numbers it. (Default: 1, float32) */
  type?: number
}

/**
 * An ONNX model for pictures of `size` x `size` with three channels first. Output `mean` is the mean of each channel,
 * output `map` the picture with negative values replaced by 0.
 */
export function onnxBytes(size: number, { batch = 'n', type = FLOAT }: OnnxBytesOptions = {}) {
  const graph = message(
    node('GlobalAveragePool', 'picture', 'pooled'),
    node('Flatten', 'pooled', 'mean'),
    node('Relu', 'picture', 'map'),
    field(2, 'made'),
    field(11, value('picture', [batch, 3, size, size], type)),
    field(12, value('mean', [batch, 3], type)),
    field(12, value('map', [batch, 3, size, size], type)),
  )
  const opset = message(field(1, ''), field(2, 13))
  return new Uint8Array(message(field(1, 8), field(7, graph), field(8, opset)))
}
