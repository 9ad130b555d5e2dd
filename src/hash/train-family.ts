import { LshError } from '../core/errors.js'
import { assertBits, fitFamily, meanOf, type FitOptions } from './fit.js'
import type { HashFamily } from './family.js'
import type { CodeDirections } from './code-directions.js'
import { drawKernel } from './kernel.js'
import { quantile } from './median.js'
import { agreementOf } from './train-agreement.js'
import type {
  TrainedDirections,
  TrainedKind,
  TrainingFigures,
  TrainMethod,
  TrainOptions,
} from './train-options.js'
import { trainDiscriminants } from './train-discriminants.js'
import { trainParticles } from './train-particles.js'
import { trainRank, type Learned } from './train-rank.js'
import { trainSchoenberg } from './train-schoenberg.js'
import { assertEach, trainingSet } from './train-set.js'

export interface TrainFamilyOptions
  extends TrainOptions, Pick<FitOptions, 'name' | 'buckets' | 'cells' | 'bucketBits' | 'rows'> {
  method: TrainMethod
  /** Most steps of the gradient. (Default: that of the method) */
  steps?: number
  /** Method schoenberg only: weight of the squared Wasserstein distance to the initial measure. (Default: 0) */
  wasserstein?: number
}

/** Rows that directions are trained on; the remaining rows of a sample only serve to learn cells. */
const TRAINED_ON = 5000

/**
 * Trains the directions of a hash family on the first 5000 vectors of a sample in random order, and fits everything
 * else to the whole sample as `fitFamily` does.
 *
 * @throws LshError `LSH03` if there are too few vectors or all are equal, `bad_usage` for options out of range.
 */
export function trainFamily(
  sample: readonly Float32Array[],
  options: TrainFamilyOptions,
): { family: HashFamily; figures: TrainingFigures } {
  const { name, bits, seed = 1, labels, owners, buckets, cells, bucketBits, rows } = options
  assertEach('labels', labels, sample.length)
  assertEach('owners', owners, sample.length)
  const { kind, code, bandwidth, figures } = trainDirections(
    sample.slice(0, TRAINED_ON),
    {
      ...options,
      ...(labels && { labels: labels.subarray(0, TRAINED_ON) }),
      ...(owners && { owners: owners.subarray(0, TRAINED_ON) }),
    },
    meanOf(sample),
  )
  const family = fitFamily(sample, {
    name,
    kind,
    bits,
    seed,
    bandwidth,
    code,
    ...(buckets && { buckets }),
    ...(cells !== undefined && { cells }),
    ...(bucketBits !== undefined && { bucketBits }),
    ...(rows !== undefined && { rows }),
  })
  return { family, figures }
}

/**
 * Trains directions alone, for vectors less a center.
 *
 * @throws LshError as `trainFamily` does.
 */
export function trainDirections(
  sample: readonly Float32Array[],
  options: Omit<TrainFamilyOptions, 'name'>,
  center = meanOf(sample),
): TrainedDirections {
  const { method, bits, seed = 1, kind = 'cosine' } = options
  assertKind(method, kind)
  assertBits(bits)
  const set = trainingSet(sample, center, options)
  const agreement = agreementOf(set)
  const untrained = agreement(untrainedCode(set.dims, bits, seed, kind))
  const learned = train()
  const bandwidths = bandwidthsOf(learned.code, set.dims).map((one) => one * set.scale ** 2)
  return {
    kind,
    code: { ...learned.code, weight: learned.code.weight.map((value) => value * set.scale) },
    bandwidth: bandwidths.reduce((sum, one) => sum + one, 0) / bits,
    figures: {
      method,
      steps: learned.steps,
      kept: learned.kept,
      held_out: set.heldOut.length,
      untrained,
      trained: learned.agreement,
      bandwidths: Array.from({ length: 17 }, (_, i) => quantile(bandwidths, i / 16)),
      details: learned.details,
    },
  }

  function train(): Learned {
    switch (method) {
      case 'schoenberg':
        return trainSchoenberg(set, agreement, { ...options, kind })
      case 'particles':
        return trainParticles(set, agreement, { ...options, kind })
      case 'rank':
        return trainRank(set, agreement, options)
      case 'discriminants':
        return trainDiscriminants(set, agreement, options)
    }
  }
}

/** The directions that the same seed draws for an untrained family, in units of the training set. */
function untrainedCode(
  dims: number,
  bits: number,
  seed: number,
  kind: TrainedKind,
): CodeDirections {
  const drawn = drawKernel({ dims, bits, seed, bandwidth: 1 })
  return kind === 'kernel' ? drawn : { ...drawn, threshold: new Float64Array(bits) }
}

/** `|w|² / dims` of each direction: the bandwidth of the kernel that would draw such a direction. */
function bandwidthsOf({ weight, threshold }: CodeDirections, dims: number): Float64Array {
  return threshold.map((_, bit) => {
    let squares = 0
    for (let at = bit * dims; at < (bit + 1) * dims; at++) squares += weight[at]! * weight[at]!
    return squares / dims
  })
}

function assertKind(method: TrainMethod, kind: TrainedKind): void {
  if (kind === 'cosine' || (method !== 'rank' && method !== 'discriminants')) return
  throw new LshError('bad_usage', `method "${method}" trains only families of kind "cosine"`, {
    hint: 'Leave the kind out, or use method "schoenberg" or "particles".',
  })
}
