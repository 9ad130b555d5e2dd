import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import type { Estimate } from '../../compare/bootstrap.js'
import { evaluate } from '../../compare/evaluate.js'
import type { Agreement } from '../../compare/evaluation.js'
import type { MeasuredKind } from '../../compare/measured-family.js'
import { hammingDeviation, type HammingDeviation } from '../../compare/hamming-curve.js'
import { CURVE_BITS } from '../../compare/space-agreement.js'
import { planSpacesOf, spacesOf } from '../../compare/space-facts.js'
import { saveEvaluation, type StoredEvaluation } from '../../compare/stored-evaluations.js'
import { LshError } from '../../core/errors.js'
import { makeFolder } from '../../core/make-folder.js'
import { startBackend } from '../../encode/backend/backend.js'
import { svgFile } from '../../report/drawing/chart.js'
import { renderEvaluationPage, type PageFigure } from '../../report/pages/evaluation-page.js'
import type { Store } from '../../store/connection/connect.js'
import type { Context } from '../context.js'
import { csvText, jsonText } from '../output.js'
import { picturesOf, type PicturesOptions } from './evaluation-pictures.js'

export interface EvaluationStepOptions {
  /** Version of the package. */
  version: string
  /** Spaces to measure. (Default: those with slices of the data set and at most 1024 dimensions) */
  spaces: readonly string[]
  /** Data sets to search. (Default: all; of the query data set, only patients that are not queries) */
  against?: readonly string[] | undefined
  /** Number of folds whose patients are queries in turn, for figures across patients. (Default: no folds) */
  folds?: number | undefined
  /** Whether to predict and score doses. */
  predictions: boolean
  kinds: readonly MeasuredKind[]
  bits: readonly number[]
  queries: number
  seed: number
}

/** Folder of the figures, next to the page. */
export const FIGURES = 'figures'

/** Measures the spaces of a data set and stores the run. */
export async function runEvaluation(
  { output, signal }: Context,
  store: Store,
  dataset: string,
  options: EvaluationStepOptions,
): Promise<StoredEvaluation> {
  const { version, against, folds, predictions, kinds, bits, queries, seed } = options
  const spaces = options.spaces.length > 0 ? options.spaces : await spacesOf(store, dataset)
  if (spaces.length === 0) {
    throw new LshError('LSH03', `no space holds slices of data set "${dataset}"`, {
      hint: 'Train and fill one: "pg-lsh train --space ct_shallow", "pg-lsh encode --space ct_shallow".',
    })
  }
  const all = await spacesOf(store, dataset, { longest: Infinity })
  const across = options.spaces.length > 0 ? spaces : [...all, ...(await planSpacesOf(store))]
  const evaluation = await evaluate(store, dataset, {
    spaces,
    across: [...new Set(across)],
    against,
    folds,
    predictions,
    kinds,
    bits,
    queries,
    seed,
    versions: await versionsOf(store, version),
    onStep: (step) => output.say(step),
    onFailure: (error) => {
      const reason = error instanceof Error ? error.message : String(error)
      output.warn(`the run ended early; its measurements are kept: ${reason}`)
    },
    signal,
  })
  for (const note of evaluation.across_patients.notes) output.warn(note)
  const stored = await saveEvaluation(store, evaluation)
  output.say(
    `run ${stored.id} measured in ${evaluation.seconds} s, kept in cbir.evaluation: "pg-lsh report --from ${stored.id} --out DIR" draws it again`,
  )
  return stored
}

async function versionsOf(store: Store, version: string): Promise<Record<string, string>> {
  const { rows } = await sql<{ postgresql: string; pgvector: string }>`
    select current_setting('server_version') as postgresql,
      (select extversion from pg_extension where extname = 'vector') as pgvector`.execute(store.db)
  const backend = await startBackend()
  return {
    'pg-lsh': version,
    'Node.js': process.version,
    PostgreSQL: `${rows[0]?.postgresql ?? ''} (${store.engine})`,
    pgvector: rows[0]?.pgvector ?? '',
    'numerical back end': `${backend.name} ${backend.version}`,
  }
}

/** Draws one or two runs into a folder: the page, each figure as SVG, its numbers as CSV and JSON. */
export async function writeEvaluation(
  { output }: Context,
  store: Store,
  evaluations: readonly StoredEvaluation[],
  folder: string,
  options: PicturesOptions = {},
): Promise<string> {
  const runs = []
  for (const evaluation of evaluations) runs.push(await picturesOf(store, evaluation, options))
  const { html, figures } = renderEvaluationPage(runs)
  const place = join(folder, FIGURES)
  await makeFolder(place)
  for (const figure of figures) await writeFigure(place, figure)
  const page = join(folder, 'index.html')
  await writeFile(page, html)
  output.say(`${figures.length} figures in ${place}, the page in ${page}`)
  return page
}

async function writeFigure(folder: string, { file, drawing, rows, title }: PageFigure) {
  await writeFile(join(folder, `${file}.svg`), svgFile(drawing))
  await writeFile(join(folder, `${file}.json`), `${jsonText({ title, rows })}\n`)
  await writeFile(join(folder, `${file}.csv`), csvText(rows, Object.keys(rows[0] ?? {})))
}

type BySpace<T> = Record<string, Record<string, T>>

/** The numbers of a run for scripts, by space, kind and bits. */
export function evaluationResult({
  id,
  dataset,
  seed,
  settings,
  spaces,
  across_patients,
  seconds,
}: StoredEvaluation) {
  const dice: BySpace<Record<string, Estimate>> = {}
  const jaccard: BySpace<Record<string, Estimate>> = {}
  const diceAtK: BySpace<Estimate> = {}
  const deviation: BySpace<Record<string, HammingDeviation>> = {}
  for (const { space, agreement, curves } of spaces) {
    const own = agreement.filter((one) => !one.same_patient)
    for (const one of own.filter(({ overlaps }) => overlaps)) {
      put(dice, space, one, one.dice)
      put(jaccard, space, one, one.jaccard)
    }
    for (const curve of curves.filter(({ setting }) => setting === 'calibrated')) {
      const found = hammingDeviation(curve)
      if (found) put(deviation, space, curve, found)
    }
    // Only of the first kind, as in the figure.
    const curve = own.filter(({ overlaps, kind }) => !overlaps && kind === own[0]?.kind)
    diceAtK[space] = Object.fromEntries(curve.map((one) => [one.k, one.dice]))
  }
  const bits = Math.min(CURVE_BITS, Math.max(...settings.bits))
  return {
    evaluation: id,
    dataset,
    seed,
    k: settings.k,
    dice,
    jaccard,
    dice_at_k: diceAtK,
    dice_at_k_of: { kind: settings.kinds[0], bits },
    hamming_deviation: deviation,
    reconstruction: Object.fromEntries(
      spaces.map(({ space, reconstruction }) => [space, reconstruction]),
    ),
    across_patients,
    seconds,
  }
}

function put<T>(
  into: BySpace<Record<string, T>>,
  space: string,
  { kind, bits }: Pick<Agreement, 'kind' | 'bits'>,
  value: T,
): void {
  const kinds = (into[space] ??= {})
  const lengths = (kinds[kind] ??= {})
  lengths[bits] = value
}
