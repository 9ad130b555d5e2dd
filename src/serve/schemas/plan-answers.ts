import { z } from '@hono/zod-openapi'

const maybeReal = z.number().nullable()
const maybeText = z.string().nullable()

export const planSchema = z
  .object({
    planId: z.number().int(),
    dataset: z.string(),
    patient: z.string(),
    plan: z.string(),
    site: maybeText,
    prescriptionGy: maybeReal,
    fractions: z.number().int().nullable(),
    radiation: maybeText,
    technique: maybeText,
    machine: maybeText.openapi({ description: 'Pseudonym.' }),
    slices: z.number().int(),
    targetVolumeCc: maybeReal,
    doseMaxGy: maybeReal,
    structures: z.array(z.string()),
  })
  .openapi('Plan')

export const structureSchema = z
  .object({
    name: z.string(),
    role: z.enum(['target', 'organ']),
    letter: maybeText.openapi({
      description: 'Letter of the structure in charts; null if it is not drawn.',
    }),
    volumeCc: maybeReal,
    meanGy: maybeReal,
    maxGy: maybeReal,
  })
  .openapi('Structure')

export const planDetailSchema = planSchema
  .extend({
    doses: z.array(structureSchema),
    items: z.array(
      z.object({
        item: z.number().int(),
        index: z.number().int(),
        positionMm: z.number(),
        doseMeanGy: maybeReal,
        doseMaxGy: maybeReal,
      }),
    ),
  })
  .openapi('PlanDetail')

export const similarPlanSchema = planSchema
  .extend({
    distance: z.number(),
    forward: z.number(),
    backward: z.number(),
    matched: z.number().int(),
  })
  .openapi('SimilarPlan')

export const similarPlansSchema = z
  .object({
    space: z.string(),
    milliseconds: z.number(),
    rows: z.array(similarPlanSchema),
    sql: z.string(),
    typescript: z.string(),
  })
  .openapi('SimilarPlans')

export const matchedSchema = z
  .object({
    space: z.string(),
    pairs: z.array(
      z.object({
        item: z.number().int(),
        index: z.number().int(),
        positionMm: z.number(),
        otherItem: z.number().int(),
        otherIndex: z.number().int(),
        otherPositionMm: z.number(),
        distance: z.number(),
        weight: z.number(),
      }),
    ),
  })
  .openapi('MatchedSlices')

export const curveSchema = z
  .object({
    structure: z.string(),
    role: z.enum(['target', 'organ']),
    doseGy: z.array(z.number()),
    volume: z.array(z.number()).openapi({ description: 'Percent that gets at least that dose.' }),
  })
  .openapi('DvhCurve')

export const bandSchema = z
  .object({
    structure: z.string(),
    plans: z.number().int().openapi({ description: 'Plans in the band.' }),
    doseGy: z.array(z.number()),
    percentiles: z
      .array(z.array(z.number()))
      .openapi({ description: 'Volume in percent: minimum, quartiles and maximum.' }),
  })
  .openapi('DvhBand')

export const mapSchema = z
  .object({
    space: z.string(),
    explained: z.array(z.number()).openapi({ description: 'Share of the variance of each axis.' }),
    sampled: z.number().int(),
    total: z.number().int(),
    items: z.array(z.number().int()),
    x: z.array(z.number()),
    y: z.array(z.number()),
    level: z.array(maybeReal).openapi({ description: 'Position along the patient, in mm.' }),
    dose: z.array(maybeReal).openapi({ description: 'Mean dose, in Gy.' }),
    prescription: z.array(maybeReal),
    plan: z.array(z.number().int().nullable()),
    group: z.array(z.number().int()).openapi({ description: 'Index into groups.' }),
    groups: z.array(z.string()).openapi({ description: 'Site of a plan, or label of a picture.' }),
    dataset: z.array(z.number().int()),
    datasets: z.array(z.string()),
  })
  .openapi('Map')

export const evaluationSchema = z
  .object({
    id: z.number().int(),
    dataset: z.string(),
    seed: z.number().int(),
    seconds: z.number(),
    created: z.string(),
    spaces: z.array(z.string()),
  })
  .openapi('Evaluation')

export const evaluationDetailSchema = evaluationSchema
  .extend({
    versions: z.record(z.string(), z.unknown()),
    settings: z.unknown(),
    figures: z.array(
      z.object({
        space: z.string(),
        kind: z.string(),
        bits: z.number().int(),
        k: z.number().int(),
        samePatient: z.boolean(),
        dice: maybeReal,
        diceLow: maybeReal,
        diceHigh: maybeReal,
        jaccard: maybeReal,
      }),
    ),
    searches: z.array(
      z.object({
        space: z.string(),
        index: z.string(),
        stage: z.string(),
        probes: z.number().int().nullable(),
        recall: maybeReal,
        visitedShare: maybeReal,
        medianMs: maybeReal,
        p95Ms: maybeReal,
      }),
    ),
  })
  .openapi('EvaluationDetail')
