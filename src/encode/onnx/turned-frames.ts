import { frameCount, frameLength, type FrameShape } from '../trained/frame-tensor.js'

/** Four rotations by quarter turns, and their mirror images. */
const TURNS = 8

/** The mean of the vectors of frames over eight rotations and reflections; it is invariant to them. */
export async function eachTurn(
  frames: Float32Array,
  shape: FrameShape,
  encode: (frames: Float32Array) => Promise<Float32Array>,
): Promise<Float32Array> {
  const sum = (await encode(frames)).slice()
  for (let turn = 1; turn < TURNS; turn++) {
    const vectors = await encode(turnedFrames(frames, shape, turn))
    for (let i = 0; i < sum.length; i++) sum[i]! += vectors[i]!
  }
  return sum.map((value) => value / TURNS)
}

/** All frames in one of the eight orientations of a square, 0 to 7. */
export function turnedFrames(frames: Float32Array, shape: FrameShape, turn: number): Float32Array {
  const { size, planes } = shape
  const length = frameLength(shape)
  const count = frameCount(frames, shape)
  const out = new Float32Array(frames.length)
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++) {
      let [r, c] = turn & 1 ? [size - 1 - row, column] : [row, column]
      if (turn & 2) c = size - 1 - c
      if (turn & 4) [r, c] = [c, r]
      const [from, to] = [(r * size + c) * planes, (row * size + column) * planes]
      for (let i = 0; i < count; i++)
        for (let plane = 0; plane < planes; plane++)
          out[i * length + to + plane] = frames[i * length + from + plane]!
    }
  return out
}
