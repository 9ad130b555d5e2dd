import type { Command } from 'commander'
import { evaluatePredictions } from '../../compare/prediction/evaluate-predictions.js'
import { DEFAULT_NEIGHBOURS } from '../../compare/prediction/plan-archive.js'
import { acrossPatients } from '../../compare/across-patients.js'
import { planSpacesOf, spacesOf } from '../../compare/space-facts.js'
import { holdsPictures } from '../../store/pictures/labelled-items.js'
import { onlyDataset } from '../../store/plans/patients.js'
import { contextOf } from '../context.js'
import { againstOption, collect, wholeNumber } from '../options.js'
import { evaluatePictures, printPictures } from '../steps/evaluate-pictures.js'
import { printPredictions, printSpaces } from '../steps/print-evaluation.js'
import { startProgress } from '../progress.js'

interface EvaluateCommandOptions {
  dataset?: string
  space: string[]
  seed: number
  against?: string[]
  folds: number
  neighbours: number
  predictions: boolean
}

/** Steps of progress per space. */
const STEPS_A_SPACE = 2
const STEPS = 2

export function addEvaluateCommand(program: Command): void {
  program
    .command('evaluate')
    .description(
      'measure encoders on held-out patients: reconstruction and retrieval; for images and neurons, whether neighbours share class and source',
    )
    .option('--dataset <name>', 'data set to measure (default: the only one)')
    .option(
      '--space <name>',
      'space to measure, may be repeated (default: all filled spaces)',
      collect,
      [],
    )
    .addOption(againstOption())
    .option(
      '--seed <number>',
      'seed of random choices and of the order of equal neighbours',
      wholeNumber(0),
      1,
    )
    .option(
      '--folds <count>',
      'number of groups of patients that are queries in turn, with all others as the archive; 0: the held-out patients are the queries',
      wholeNumber(0),
      0,
    )
    .option(
      '-k, --neighbours <count>',
      'number of plans whose dose is transferred for a prediction',
      wholeNumber(1),
      DEFAULT_NEIGHBOURS,
    )
    .option('--no-predictions', 'do not measure predicted doses, which takes minutes')
    .action(async (options: EvaluateCommandOptions, command: Command) => {
      const context = contextOf(command)
      const { output, signal } = context
      const { seed, against, neighbours: k } = options
      const folds = options.folds === 0 ? undefined : options.folds
      const measured = await context.withStore(async (store) => {
        const dataset = options.dataset ?? (await onlyDataset(store))
        if (await holdsPictures(store, dataset)) {
          const spaces = [...new Set(options.space)]
          const pictures = await evaluatePictures(context, store, dataset, { spaces, seed })
          return { dataset, pictures }
        }
        const spaces =
          options.space.length > 0
            ? [...new Set(options.space)]
            : [
                ...(await spacesOf(store, dataset, { longest: Infinity })),
                ...(await planSpacesOf(store)),
              ]
        const steps = STEPS + STEPS_A_SPACE * spaces.length
        const progress = startProgress(output, `evaluate ${dataset}`, steps)
        try {
          const onStep = (step: string) => progress.advance(1, step)
          const measuring = { seed, against, folds, onStep, signal }
          const { spaces: found, notes: retrievalNotes } = await acrossPatients(
            store,
            dataset,
            spaces,
            measuring,
          )
          const notes = [...retrievalNotes]
          const predictions = options.predictions
            ? await evaluatePredictions(store, dataset, {
                ...measuring,
                spaces,
                k,
                onStep: (step) => output.say(step),
                onRefused: (space, reason) => notes.push(`${space}: ${reason}`),
              })
            : null
          return {
            dataset,
            against: against ?? null,
            folds: folds ?? null,
            spaces: found,
            predictions,
            notes: [...new Set(notes)],
          }
        } finally {
          progress.finish()
        }
      })
      if ('pictures' in measured) {
        const { dataset, pictures } = measured
        printPictures(context, pictures)
        output.result({ dataset, ...pictures })
        return
      }
      for (const note of measured.notes) output.warn(note)
      printSpaces(output, measured.spaces)
      if (measured.predictions) printPredictions(output, measured.predictions)
      output.result(measured)
    })
}
