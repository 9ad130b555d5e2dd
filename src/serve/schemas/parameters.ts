import { z } from '@hono/zod-openapi'
import { RANKINGS } from '../../hash/kinds.js'

/** Largest key of a row: PostgreSQL's int. */
const MOST_KEY = 2_147_483_647

export const keySchema = z.coerce.number().int().min(1).max(MOST_KEY)

export const spaceSchema = z
  .string()
  .regex(/^[a-z_][a-z0-9_]{0,62}$/)
  .openapi({ example: 'ct_shallow', description: 'Space in which vectors are compared.' })

/** A boolean parameter of an address. */
export function flag(usual: boolean, description: string) {
  return z
    .enum(['true', 'false'])
    .default(usual ? 'true' : 'false')
    .transform((text) => text === 'true')
    .openapi({ description })
}

function wholeNumber(least: number, most: number, description: string) {
  return z.coerce.number().int().min(least).max(most).openapi({ description })
}

function realNumber(least: number, most: number, description: string) {
  return z.coerce.number().min(least).max(most).openapi({ description })
}

// PostgreSQL does not allow zero bytes in texts.
const word = (description: string) =>
  z
    .string()
    .min(1)
    .max(200)
    .regex(/^[^\0]*$/)
    .openapi({ description })

export const idParameters = z.object({
  id: keySchema.openapi({ description: 'Key of the object.' }),
})

export const filterFields = {
  dataset: word('Only of this data set.').optional(),
  site: word('Only plans for this part of the body.').optional(),
  structure: word('Only plans that have this structure.').optional(),
  minPrescription: realNumber(0, 1000, 'Minimum prescribed dose, in Gy.').optional(),
  maxPrescription: realNumber(0, 1000, 'Maximum prescribed dose, in Gy.').optional(),
  minVolume: realNumber(0, 1e6, 'Minimum volume of the target, in cc.').optional(),
  maxVolume: realNumber(0, 1e6, 'Maximum volume of the target, in cc.').optional(),
  label: word('Only images or neurons with this label.').optional(),
}

export const filterSchema = z.object(filterFields)

export type Filter = z.infer<typeof filterSchema>

export const pageFields = {
  after: z.coerce
    .number()
    .int()
    .min(0)
    .max(MOST_KEY)
    .default(0)
    .openapi({ description: 'Key of the last row of the previous page.' }),
  limit: wholeNumber(1, 500, 'Rows per page.').default(100),
}

export const searchParameters = z.object({
  space: spaceSchema,
  item: keySchema.optional().openapi({ description: 'Stored item that is the query.' }),
  upload: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .optional()
    .openapi({ description: 'Uploaded file that is the query, instead of an item.' }),
  index: word('Hash index of the space. Default: the index with the name of the space.').optional(),
  k: wholeNumber(1, 100, 'Neighbours to return.').default(12),
  stage: z
    .enum(['buckets', 'scan', 'hnsw', 'exact'])
    .optional()
    .openapi({ description: 'Source of the candidates. Default: the setting of the index.' }),
  ranking: z
    .enum(RANKINGS)
    .optional()
    .openapi({ description: 'How codes are ranked. Default: the setting of the index.' }),
  candidates: wholeNumber(1, 100_000, 'Candidates to re-rank by exact distance.').optional(),
  probes: wholeNumber(1, 10_000, 'Buckets to visit at first.').optional(),
  samePatient: flag(false, 'Whether to include slices of the same patient.'),
  onePerPatient: flag(false, 'Whether to return only the nearest slice of each patient.'),
  exact: flag(true, 'Whether to return the exact neighbours as well, by a scan.'),
  ...filterFields,
})

export type SearchParameters = z.infer<typeof searchParameters>

export const similarPlansParameters = z.object({
  space: spaceSchema.optional(),
  k: wholeNumber(1, 50, 'Plans to return.').default(8),
  weights: z
    .enum(['equal', 'dose'])
    .default('equal')
    .openapi({ description: 'Weight of each slice: equal, or its mean dose.' }),
  samePatient: flag(false, 'Whether to include plans of the same patient.'),
  ...filterFields,
})

export const pictureParameters = z.object({
  show: z.enum(['ct', 'wash', 'dose']).default('ct').openapi({
    description: 'Grey CT, grey CT with a colour wash of the dose, or the dose alone.',
  }),
  level: realNumber(-2000, 4000, 'HU of mid grey.').default(40),
  width: realNumber(1, 6000, 'HU from black to white.').default(400),
})

export const channelParameters = z.object({
  channel: z
    .enum(['ct', 'dose'])
    .default('ct')
    .openapi({ description: 'HU as int16, or multiples of x-unit in Gy as uint16.' }),
})
