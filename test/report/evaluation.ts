import type { PredictionEvaluation } from '../../src/compare/prediction/prediction-quality.js'
import type { Agreement, SpaceEvaluation } from '../../src/compare/evaluation.js'
import type { TrainedKernel } from '../../src/compare/measure-training.js'
import type { HammingCurve } from '../../src/compare/hamming-curve.js'
import type { SpaceQuality } from '../../src/compare/space-quality.js'
import type { StoredEvaluation } from '../../src/compare/stored-evaluations.js'
import { random } from '../../src/core/random.js'
import { expectedHamming } from '../../src/hash/expected-hamming.js'
import type { EvaluationRun } from '../../src/report/figures/evaluation-sections.js'
import type { TurningVolumes } from '../../src/report/panels/turning-volume.js'
import { phantomTile } from './phantom.js'

const estimate = (mean: number) => ({ mean, low: mean - 0.05, high: mean + 0.05 })

function agreement(kind: string, bits: number, k: number, rest: Partial<Agreement>): Agreement {
  const mean = Math.min(0.9, 0.2 + 0.1 * Math.log2(bits / 32) + (kind === 'sign' ? 0.05 : 0))
  return {
    kind,
    bits,
    k,
    same_patient: false,
    queries: 8,
    patients: 2,
    dice: estimate(mean),
    jaccard: estimate(mean / (2 - mean)),
    overlaps: null,
    sizes: null,
    ...rest,
  }
}

function curve(setting: HammingCurve['setting'], bandwidth: number): HammingCurve {
  const distances = [0.5, 1, 1.5, 2, 2.5]
  return {
    kind: 'kernel',
    bits: 512,
    bandwidth,
    setting,
    pairs: 100,
    farthest: 2.6,
    cells: distances.map((distance, i) => ({ distance, hamming: 0.1 + 0.06 * i, pairs: 20 })),
    means: distances.map((distance) => {
      const expected = expectedHamming(bandwidth, distance)
      return { distance, pairs: 20, measured: expected + 0.004, expected }
    }),
  }
}

const bars = (low: number) =>
  [0, 1, 2, 3].map((i) => ({
    from: low + i * 0.25,
    to: low + (i + 1) * 0.25,
    count: [1, 5, 6, 2][i]!,
  }))

function madeUpTraining(): TrainedKernel {
  const distances = [0, 0.65, 1.3, 1.95, 2.6]
  return {
    method: 'schoenberg',
    bits: 512,
    bandwidth: 1.25,
    measure: [100, 200, 150, 62].map((count, i) => ({ from: i, to: i + 1, count })),
    kernels: distances.map((distance) => ({
      distance,
      before: Math.exp(-(distance ** 2)),
      after: Math.exp(-0.5 * distance ** 2),
      hamming_before: 0.5 - 0.5 * Math.exp(-(distance ** 2)),
      hamming_after: 0.5 - 0.5 * Math.exp(-0.5 * distance ** 2),
    })),
    means: [false, true].flatMap((trained) =>
      distances.map((distance) => ({
        trained,
        distance,
        pairs: 40,
        measured: 0.1 + 0.1 * distance,
      })),
    ),
    held_out: 24,
    untrained: 0.5,
    trained: 0.625,
  }
}

/** A space with invented numbers and everything that a space can have. */
export function madeUpSpace(change: Partial<SpaceEvaluation> = {}): SpaceEvaluation {
  const source = random(1)
  const overlaps = () => Array.from({ length: 8 }, () => source.integer(2, 10))
  const sizes = Array.from({ length: 8 }, () => 10)
  return {
    space: 'ct_shallow',
    dims: 256,
    items: 120,
    patients: 12,
    encoders: [
      { name: 'ct_shallow', architecture: 'shallow', checksum: 'c'.repeat(64), trained_on: 10 },
    ],
    families: ['kernel', 'sign'].map((kind) => ({
      kind,
      bits: 512,
      levels: 2,
      seed: 1,
      bandwidth: kind === 'sign' ? null : 1.25,
      checksum: 'f'.repeat(64),
      lengths: [64, 512],
    })),
    radius: 0.8,
    mean_distance: 1.9,
    queries: [1, 2, 3, 4, 5, 6, 7, 8],
    query_patients: [1, 1, 1, 1, 2, 2, 2, 2],
    agreement: ['kernel', 'sign'].flatMap((kind) => [
      ...[64, 512].flatMap((bits) => [
        agreement(kind, bits, 10, { overlaps: overlaps(), sizes }),
        agreement(kind, bits, 10, { same_patient: true, dice: estimate(0.9) }),
      ]),
      ...[1, 10, 20].map((k) => agreement(kind, 512, k, {})),
    ]),
    ranked: ['kernel', 'residual', 'scalar', 'rate_distortion'].flatMap((kind, i) =>
      [64, 512].map((bits) => ({
        kind,
        bits,
        dice: estimate(0.3 + 0.08 * i + 0.06 * Math.log2(bits / 64)),
      })),
    ),
    training: madeUpTraining(),
    curves: [curve('calibrated', 1.25), curve('gamma-1', 1)],
    health: [
      {
        kind: 'kernel',
        bits: 512,
        rows: 100,
        balance: bars(0),
        correlation: bars(-0.5),
        meanAbsoluteCorrelation: 0.125,
        constantBits: 3,
      },
    ],
    buckets: [
      {
        buckets: 'voronoi',
        count: 5,
        rows: 12,
        empty: 1,
        median: 3,
        largest: 5,
        met: 3.5,
        sizes: [5, 3, 3, 1],
      },
    ],
    retrieved: [],
    search: (
      [
        ['buckets', 1, 0.6],
        ['buckets', 4, 0.9],
        ['scan', null, 0.95],
        ['exact', null, 1],
      ] as const
    ).map(([stage, probes, recall], i) => ({
      index: 'ct_shallow',
      stage,
      probes,
      queries: 8,
      recall: { mean: recall, low: recall - 0.1, high: Math.min(1, recall + 0.05) },
      code_loss: stage === 'exact' ? 0 : 0.05,
      bucket_loss: probes === null ? 0 : 0.95 - recall,
      visited_share: [0.1, 0.4, 1, 0][i]!,
      median_ms: [2, 1, 3, 5][i]!,
      p95_ms: [3, 2, 4, 6][i]!,
    })),
    plans: {
      queries: 2,
      nearest: estimate(4),
      five: estimate(4.5),
      random: estimate(6),
      best: estimate(2),
      shown: {
        plan: 'test-pats/pt_9',
        curves: (['query', 'nearest', 'random'] as const).map((role, i) => ({
          role,
          rank: role === 'nearest' ? 1 : 0,
          plan: `test-pats/pt_${9 - i}`,
          structure: 'PTV70',
          gap: i,
          bin_gy: 10,
          volume: [1, 1, 1, 1, 1, 1, 0.98 - 0.1 * i, 0.5, 0],
        })),
      },
    },
    reconstruction: null,
    ...change,
  }
}

function madeUpQualities(): SpaceQuality[] {
  return ['ct_shallow', 'plan_deep', 'random', 'oracle'].map((space, i) => {
    const ofSlices = space !== 'plan_deep'
    const levels = [8, 0, 90, 0.1][i]!
    return {
      space,
      dims: 256,
      reconstruction: [],
      tied_share: null,
      patients: 2,
      groups: [],
      psnr_body_db: null,
      psnr_whole_db: null,
      ssim_body: null,
      ssim_whole: null,
      level_error_mm: ofSlices ? levels : null,
      level_error_one_organ_mm: null,
      dose_gap_gy: ofSlices ? 8 + i : null,
      dvh_gap_gy: 5 + i,
      intervals: {
        ...(ofSlices && {
          level_error_mm: [0.8 * levels, 1.2 * levels],
          dose_gap_gy: [7 + i, 9 + i],
        }),
        dvh_gap_gy: [4 + i, 6 + i],
      },
      same_patient_share: 0.9,
      encode_per_s: null,
    }
  })
}

function madeUpPredictions(): PredictionEvaluation {
  const methods = ['plan_structures', 'plan_ovh', 'random', 'oracle'].map((by, i) => {
    const estimate = (mean: number) => ({ mean, low: 0.9 * mean, high: 1.1 * mean })
    const less = { ...estimate(i), patients: 2, p: 0.5 / 4 ** i }
    return {
      by,
      sees_dose: by === 'oracle',
      alignment: 'deformable' as const,
      k: 5,
      plans: 8,
      dose_score_gy: estimate(4 + i),
      dvh_score_gy: estimate(2 + i),
      gamma_pass: estimate(0.6 - 0.05 * i),
      groups: { head: estimate(3), neck: estimate(4), shoulders: null, from_1_gy: estimate(4) },
      less: i === 0 ? null : { dose: less, dvh: less, gamma: less },
    }
  })
  return { folds: 2, k: 5, reference: 'plan_structures', comparisons: 9, methods }
}

/** A dose in the form of a ball, and a smaller one. */
function madeUpVolumes(): TurningVolumes {
  const side = 6
  const ball = (radius: number) =>
    Float32Array.from({ length: side ** 3 }, (_, i) => {
      const at = [i % side, Math.floor(i / side) % side, Math.floor(i / side ** 2)]
      return 35 * Math.max(0, radius - Math.hypot(...at.map((x) => x - (side - 1) / 2)))
    })
  return {
    title: 'A ball',
    caption: 'Made up.',
    columns: side,
    rows: side,
    slices: side,
    voxelMm: [5, 5, 5],
    low: 0,
    high: 96,
    volumes: [
      { label: 'input', values: ball(3) },
      { label: 'output', values: ball(2.5) },
    ],
    surfaces: [{ value: 35, label: '35 Gy (50 %)', colour: '#5cb8f0', opacity: 0.4 }],
  }
}

/** A run with invented numbers and pictures of phantoms. */
export function madeUpRun(change: Partial<StoredEvaluation> = {}): EvaluationRun {
  const rankings = (['hamming', 'reranked', 'exact'] as const).map((by) => ({
    by,
    found: [2, 3].map((item) => ({
      item,
      distance: 0.25 * item,
      hamming: by === 'exact' ? null : 40 * item,
      hit: by !== 'hamming' || item === 2,
    })),
  }))
  const evaluation: StoredEvaluation = {
    id: 7,
    created: new Date('2030-01-02T03:04:05Z'),
    dataset: 'phantoms',
    seed: 1,
    versions: { 'pg-lsh': '0.0.0', 'Node.js': 'v0' },
    settings: {
      queries: 8,
      curve_queries: 8,
      bits: [64, 512],
      kinds: ['kernel', 'sign'],
      k: 10,
      most_retrieved: 20,
      sample: 100,
      tie_rule: 'ties by key',
      resamples: 50,
    },
    spaces: [madeUpSpace()],
    across_patients: {
      spaces: madeUpQualities(),
      notes: [],
      folds: 2,
      predictions: madeUpPredictions(),
    },
    seconds: 1.5,
    ...change,
  }
  const frame = (step: number) => Float32Array.from({ length: 16 }, (_, i) => -1000 + step * i)
  return {
    evaluation,
    notes: [],
    volumes: [madeUpVolumes()],
    reconstructions: [
      {
        encoder: 'ct_shallow',
        channel: 'ct',
        unit: 'HU',
        size: 4,
        low: -1000,
        high: 1000,
        slices: [
          {
            plan: 'test-pats/pt_9',
            sliceIndex: 12,
            input: frame(100),
            output: frame(97.5),
            quality: {
              psnr_body_db: 21.25,
              psnr_whole_db: 31.25,
              ssim_body: 0.712,
              ssim_whole: 0.912,
            },
          },
        ],
        summary: 'Over 8 slices.',
      },
    ],
    retrievals: [
      {
        space: 'ct_shallow',
        number: 1,
        onePerPatient: true,
        query: {
          item: 1,
          kind: 'kernel',
          bits: 512,
          rankings,
          per_patient: rankings,
        },
        tiles: new Map([1, 2, 3].map((seed) => [seed, phantomTile(seed)])),
      },
    ],
  }
}
