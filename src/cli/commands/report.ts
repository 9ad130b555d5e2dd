import { join } from 'node:path'
import { InvalidArgumentError, Option, type Command } from 'commander'
import { DEFAULT_BITS, DEFAULT_KINDS } from '../../compare/evaluate.js'
import { MEASURED_KINDS, type MeasuredKind } from '../../compare/measured-family.js'
import { readEvaluation } from '../../compare/stored-evaluations.js'
import type { StoredEvaluation } from '../../compare/stored-evaluations.js'
import type { Store } from '../../store/connection/connect.js'
import { usualFolds } from '../../store/plans/folds.js'
import { holdsPictures } from '../../store/pictures/labelled-items.js'
import { onlyDataset } from '../../store/plans/patients.js'
import { makeOutputFolder } from '../output-folder.js'
import { contextOf, type Context } from '../context.js'
import { againstOption, collect, wholeNumber } from '../options.js'
import { printPictures } from '../steps/evaluate-pictures.js'
import { reportPictures } from '../steps/report-pictures.js'
import { evaluationResult, FIGURES, runEvaluation, writeEvaluation } from '../steps/evaluation.js'

interface ReportCommandOptions {
  dataset?: string
  against?: string[]
  out: string
  space: string[]
  kind?: MeasuredKind[]
  bits: readonly number[]
  queries: number
  seed: number
  folds?: number
  predictions: boolean
  from?: number[]
  allNeighbours?: boolean
}

export function addReportCommand(program: Command): void {
  program
    .command('report')
    .description(
      'measure how well codes find the true neighbours in the spaces of a data set, and write a page; for images and neurons, measure whether neighbours share class and source',
    )
    .option('--dataset <name>', 'data set to measure (default: the only one)')
    .addOption(againstOption())
    .requiredOption('--out <folder>', 'folder for the page, and its figures as SVG, CSV and JSON')
    .option(
      '--space <name>',
      'space to measure, may be repeated (default: all but pixels)',
      collect,
      [],
    )
    .addOption(
      new Option(
        '--kind <kind>',
        `kind of codes, may be repeated (default: ${DEFAULT_KINDS.join(', ')})`,
      )
        .choices(MEASURED_KINDS)
        .argParser((text: string, before: MeasuredKind[] | undefined) => [
          ...(before ?? []),
          kindOf(text),
        ]),
    )
    .option(
      '--bits <list>',
      'code lengths, multiples of 32, separated by commas',
      lengths,
      DEFAULT_BITS,
    )
    .option(
      '--queries <count>',
      'number of slices of held-out patients, chosen by seed',
      wholeNumber(1),
      400,
    )
    .option(
      '--seed <number>',
      'seed of queries, families, samples and intervals',
      wholeNumber(0),
      1,
    )
    .option(
      '--folds <count>',
      'number of groups of patients that are queries in turn; 0: the held-out patients are the queries (default: 5, with fewer than 10 patients 0)',
      wholeNumber(0),
    )
    .option('--no-predictions', 'do not measure predicted doses, which takes minutes')
    .option(
      '--from <ids>',
      'draw one or two earlier runs, by cbir.evaluation.id, separated by a comma',
      runs,
    )
    .option(
      '--all-neighbours',
      'draw the nearest slices even if several belong to one patient (default: the nearest of each patient)',
    )
    .action(async (options: ReportCommandOptions, command: Command) => {
      const context = contextOf(command)
      await context.withStore(async (store) => {
        await makeOutputFolder(options.out)
        const dataset = options.from ? null : (options.dataset ?? (await onlyDataset(store)))
        if (dataset !== null && (await holdsPictures(store, dataset))) {
          const { space: spaces, seed, out } = options
          const { page, measured } = await reportPictures(context, store, dataset, {
            spaces,
            seed,
            out,
          })
          printPictures(context, measured)
          context.output.result({ dataset, ...measured, page })
          return
        }
        await makeOutputFolder(join(options.out, FIGURES))
        const evaluations = options.from
          ? await storedRuns(store, options.from)
          : [await measure(context, store, options, command.parent?.version() ?? '')]
        const page = await writeEvaluation(context, store, evaluations, options.out, {
          allNeighbours: options.allNeighbours ?? false,
        })
        const results = evaluations.map(evaluationResult)
        context.output.table(results.flatMap(summaryRows), SUMMARY)
        context.output.result(
          results.length === 1 ? { ...results[0], page } : { runs: results, page },
        )
      })
    })
}

async function measure(
  context: Context,
  store: Store,
  options: ReportCommandOptions,
  version: string,
): Promise<StoredEvaluation> {
  const { against, space, kind, bits, queries, seed, predictions } = options
  const dataset = options.dataset ?? (await onlyDataset(store))
  const folds = options.folds ?? (await usualFolds(store, dataset))
  return runEvaluation(context, store, dataset, {
    version,
    against,
    folds: folds === 0 ? undefined : folds,
    predictions,
    spaces: [...new Set(space)],
    kinds: [...new Set(kind ?? DEFAULT_KINDS)],
    bits,
    queries,
    seed,
  })
}

async function storedRuns(store: Store, ids: readonly number[]): Promise<StoredEvaluation[]> {
  const evaluations: StoredEvaluation[] = []
  for (const id of ids) evaluations.push(await readEvaluation(store, id))
  return evaluations
}

const SUMMARY = ['evaluation', 'space', 'kind', 'bits', 'Dice@10', 'low', 'high'] as const

/** The longest code of each kind. */
function summaryRows({ evaluation, dice }: ReturnType<typeof evaluationResult>) {
  return Object.entries(dice).flatMap(([space, kinds]) =>
    Object.entries(kinds).map(([kind, byBits]) => {
      const bits = Math.max(...Object.keys(byBits).map(Number))
      const { mean = NaN, low = NaN, high = NaN } = byBits[bits] ?? {}
      return { evaluation, space, kind, bits, 'Dice@10': mean, low, high }
    }),
  )
}

function kindOf(text: string): MeasuredKind {
  const kind = MEASURED_KINDS.find((one) => one === text)
  if (kind) return kind
  throw new InvalidArgumentError(`Allowed choices are ${MEASURED_KINDS.join(', ')}.`)
}

function lengths(text: string): number[] {
  const values = text.split(',').map(wholeNumber(32))
  if (values.every((bits) => bits % 32 === 0 && bits <= 8192)) {
    return [...new Set(values)].sort((a, b) => a - b)
  }
  throw new InvalidArgumentError('They must be multiples of 32, of at most 8192.')
}

function runs(text: string): number[] {
  const ids = text.split(',').map(wholeNumber(1))
  if (ids.length <= 2) return ids
  throw new InvalidArgumentError('They must be one or two.')
}
