import type { Command } from 'commander'
import { evaluatePredictions } from '../../compare/prediction/evaluate-predictions.js'
import { acrossPatients } from '../../compare/across-patients.js'
import type { SpaceQuality } from '../../compare/space-quality.js'
import { planSpacesOf, spacesOf } from '../../compare/space-facts.js'
import { holdsPictures } from '../../store/pictures/labelled-items.js'
import { onlyDataset } from '../../store/plans/patients.js'
import { contextOf } from '../context.js'
import { againstOption, collect, wholeNumber } from '../options.js'
import { QUALITY_COLUMNS } from '../quality-columns.js'
import { evaluatePictures, tellPictures } from '../steps/evaluate-pictures.js'
import { startProgress } from '../progress.js'

interface EvaluateCommandOptions {
  dataset?: string
  space: string[]
  seed: number
  against?: string[]
  predictions: boolean
}

/** What is done for each space, and once for all. */
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
    .option('--no-predictions', 'do not measure predicted doses, which takes minutes')
    .action(async (options: EvaluateCommandOptions, command: Command) => {
      const context = contextOf(command)
      const { output, signal } = context
      const { seed, against } = options
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
          const measuring = { seed, against, onStep, signal }
          const { spaces: found, notes: told } = await acrossPatients(
            store,
            dataset,
            spaces,
            measuring,
          )
          const notes = [...told]
          const predictions = options.predictions
            ? await evaluatePredictions(store, dataset, {
                ...measuring,
                spaces,
                onStep: (step) => output.say(step),
                onRefused: (space, reason) => notes.push(`${space}: ${reason}`),
              })
            : []
          return {
            dataset,
            against: against ?? null,
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
        tellPictures(context, pictures)
        output.result({ dataset, ...pictures })
        return
      }
      for (const note of measured.notes) output.warn(note)
      output.table<SpaceQuality>(measured.spaces, [
        'space',
        'dims',
        ...QUALITY_COLUMNS,
        { key: 'level_error_mm', label: 'level mm', digits: 1 },
        { key: 'dose_gap_gy', label: 'dose Gy', digits: 2 },
        { key: 'dvh_gap_gy', label: 'DVH Gy', digits: 2 },
        { key: 'same_patient_share', label: 'same patient', digits: 3 },
        { key: 'tied_share', label: 'tied', digits: 3 },
        { key: 'encode_per_s', label: 'encoded/s', digits: 0 },
      ])
      output.table(
        measured.predictions.map((one) => ({
          by: one.by,
          dose: one.sees_dose ? 'seen' : 'not seen',
          k: one.k,
          plans: one.plans,
          dose_gy: one.dose_score_gy.mean,
          dvh_gy: one.dvh_score_gy.mean,
          gamma: one.gamma_pass.mean,
        })),
        [
          { key: 'by', label: 'dose predicted by' },
          { key: 'dose', label: 'query dose' },
          'k',
          'plans',
          { key: 'dose_gy', label: 'dose score Gy', digits: 2 },
          { key: 'dvh_gy', label: 'DVH score Gy', digits: 2 },
          { key: 'gamma', label: 'gamma pass', digits: 3 },
        ],
      )
      output.result(measured)
    })
}
