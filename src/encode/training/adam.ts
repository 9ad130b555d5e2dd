import * as tf from '@tensorflow/tfjs-core'

/** Moving averages of a variable's gradient and of its square. */
interface Moments {
  readonly mean: tf.Variable
  readonly square: tf.Variable
}

const FIRST_DECAY = 0.9
const SECOND_DECAY = 0.999
const TINY = 1e-7

/** State that is needed to resume at the next step. */
export interface AdamState {
  readonly steps: number
  readonly moments: readonly Float32Array[]
}

/**
 * Adam (Kingma and Ba, ICLR 2015) with decoupled weight decay (Loshchilov and Hutter, ICLR 2019). The optimizer of
 * TensorFlow.js has no setter for the rate and no decay, and rounds differently after its state was saved and restored.
 */
export function openAdam(
  variables: readonly tf.Variable[],
  weightDecay: number,
  /** Factor of the learning rate for each variable; 1 for variables beyond the list. */
  shares: readonly number[] = [],
) {
  let steps = 0
  const zero = (like: tf.Variable) => tf.tidy(() => tf.variable(tf.zerosLike(like), false))
  const moments = variables.map((variable): Moments => ({
    mean: zero(variable),
    square: zero(variable),
  }))
  const parts = () => moments.flatMap(({ mean, square }) => [mean, square])

  return {
    /** Moves the variables against the gradient of a loss, and returns the loss. */
    step(rate: number, loss: () => tf.Scalar): number {
      steps++
      return tf.tidy(() => {
        const { value, grads } = tf.variableGrads(loss, [...variables])
        const firstBias = 1 - FIRST_DECAY ** steps
        const secondBias = 1 - SECOND_DECAY ** steps
        variables.forEach((variable, i) => {
          const gradient = grads[variable.name] as tf.Tensor
          const { mean, square } = moments[i] as Moments
          mean.assign(
            tf.add<tf.Tensor>(tf.mul(mean, FIRST_DECAY), tf.mul(gradient, 1 - FIRST_DECAY)),
          )
          square.assign(
            tf.add<tf.Tensor>(
              tf.mul(square, SECOND_DECAY),
              tf.mul(tf.square(gradient), 1 - SECOND_DECAY),
            ),
          )
          const width = tf.add(tf.sqrt(tf.div(square, secondBias)), TINY)
          const move = tf.div(tf.div(mean, firstBias), width)
          const share = shares[i] ?? 1
          const own = rate * share
          // Biases and scales have one number per channel; decay is for kernels that start at random.
          const decay = variable.rank > 1 && share === 1 ? weightDecay : 0
          variable.assign(tf.sub<tf.Tensor>(tf.mul(variable, 1 - own * decay), tf.mul(move, own)))
        })
        return value.dataSync()[0] ?? Number.NaN
      })
    },
    state: (): AdamState => ({
      steps,
      moments: parts().map((part) => part.dataSync<'float32'>().slice()),
    }),
    restore(state: AdamState): void {
      steps = state.steps
      tf.tidy(() =>
        parts().forEach((part, i) => {
          part.assign(tf.tensor(state.moments[i] as Float32Array, part.shape))
        }),
      )
    },
    close(): void {
      for (const part of parts()) part.dispose()
    },
  }
}
