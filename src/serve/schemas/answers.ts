import { z } from '@hono/zod-openapi'
import { RANKINGS } from '../../hash/kinds.js'

const real = z.number()
const maybeReal = z.number().nullable()
const maybeText = z.string().nullable()

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: z.string(),
    hint: z.string(),
  })
  .openapi('Problem')

export const aboutSchema = z
  .object({
    version: z.string(),
    engine: z.enum(['embedded', 'server']),
    readOnly: z.literal(true),
    timeoutMs: z.number().int(),
    uploadBytes: z.number().int(),
  })
  .openapi('About')

export const datasetSchema = z
  .object({
    dataset: z.string(),
    patients: z.number().int(),
    plans: z.number().int(),
    pictures: z.number().int(),
    sites: z.array(z.string()),
    structures: z.array(z.string()).openapi({ description: 'Most frequent first.' }),
    labels: z.array(z.string()),
  })
  .openapi('Dataset')

export const indexSchema = z
  .object({
    name: z.string(),
    state: z.enum(['building', 'ready', 'suspect']),
    family: z.string(),
    kind: z.string(),
    bits: z.number().int(),
    buckets: z.number().int(),
    bucketKind: z.string(),
    stage: maybeText,
    ranking: maybeText,
    rankings: z.array(z.enum(RANKINGS)).openapi({
      description:
        'Rankings that a search may ask for; none for a role that does not see the family.',
    }),
    probes: z.number().int(),
    candidates: z.number().int(),
    settings: z.enum(['measured', 'given']),
    checksum: z.string(),
  })
  .openapi('Index')

export const spaceAnswerSchema = z
  .object({
    name: z.string(),
    dims: z.number().int(),
    holds: z.enum(['slice', 'plan', 'image', 'neuron']),
    items: z.number().int(),
    indexes: z.array(indexSchema),
  })
  .openapi('Space')

export const itemSchema = z
  .object({
    item: z.number().int(),
    dataset: z.string(),
    kind: z.enum(['slice', 'plan', 'image', 'neuron']),
    label: maybeText,
    source: maybeText.openapi({ description: 'Pseudonym of the patient, tile or neuron.' }),
    key: z.string(),
    plan: maybeText,
    planId: z.number().int().nullable(),
    index: z.number().int().nullable(),
    positionMm: maybeReal,
    rows: z.number().int().nullable(),
    columns: z.number().int().nullable(),
    pixelMm: z.array(real).nullable().openapi({ description: 'Height and width of a pixel.' }),
    doseMeanGy: maybeReal,
    doseMaxGy: maybeReal,
    prescriptionGy: maybeReal,
    site: maybeText,
  })
  .openapi('Item')

export type ItemAnswer = z.infer<typeof itemSchema>

export const outlineSchema = z
  .object({
    name: z.string(),
    role: z.enum(['target', 'organ']),
    rings: z
      .array(z.array(z.number()))
      .openapi({ description: 'Closed lines in pixels: alternating x and y.' }),
  })
  .openapi('Outline')

export const foundSchema = itemSchema
  .extend({
    distance: real,
    hamming: z.number().int().nullable(),
    code: maybeText.openapi({ description: 'Bits of the code in hexadecimal digits.' }),
  })
  .openapi('Found')

export const searchAnswerSchema = z
  .object({
    space: z.string(),
    holds: z.enum(['slice', 'plan', 'image', 'neuron']),
    index: z.string(),
    bits: z.number().int(),
    query: z.object({
      item: itemSchema.nullable(),
      upload: maybeText,
      code: maybeText,
      window: z
        .object({ low: real, high: real, from: z.enum(['given', 'file', 'estimated']) })
        .nullable(),
    }),
    hashed: z.object({ milliseconds: real, rows: z.array(foundSchema) }),
    exact: z.object({ milliseconds: real, rows: z.array(foundSchema) }).nullable(),
    agreement: z
      .object({
        overlap: z.number().int(),
        recall: real,
        missed: z.array(z.number().int()),
      })
      .nullable(),
    sql: z.string(),
    typescript: z.string(),
  })
  .openapi('SearchAnswer')

export type SearchAnswer = z.infer<typeof searchAnswerSchema>

export const uploadSchema = z
  .object({
    upload: z.string(),
    kind: z.enum(['dicom', 'image', 'neuron']),
    rows: z.number().int().nullable(),
    columns: z.number().int().nullable(),
  })
  .openapi('Upload')

export const comparisonSchema = z
  .object({
    space: z.string(),
    k: z.number().int(),
    queries: z.number().int(),
    dice: real,
    jaccard: real,
    recall: real,
    codeLoss: real,
    bucketLoss: real,
    visitedShare: real,
    milliseconds: real,
  })
  .openapi('Comparison')
