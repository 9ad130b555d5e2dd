import { writeFile } from 'node:fs/promises'
import { sql } from 'kysely'
import { Option, type Command } from 'commander'
import { DEFAULT_NEIGHBOURS } from '../../compare/prediction/plan-archive.js'
import { predictPlan } from '../../compare/prediction/plan-prediction.js'
import type { Alignment } from '../../compare/prediction/transfer-dose.js'
import { renderPredictionPage } from '../../report/pages/prediction-page.js'
import { contextOf } from '../context.js'
import { wholeNumber } from '../options.js'
import { makeFolderOf } from '../output-folder.js'

interface PredictCommandOptions {
  plan: string
  space?: string
  neighbours: number
  alignment: Alignment
  against?: string[]
  out?: string
}

export function addPredictCommand(program: Command): void {
  program
    .command('predict')
    .description(
      'show the doses that plans of other patients with a similar anatomy suggest: objectives for the planner, not a plan',
    )
    .requiredOption('--plan <key>', 'key of a plan with CT and structures; it needs no dose')
    .option(
      '--space <name>',
      'space in which plans are compared (default: plan_structures, by places in structures; with few plans plan_ovh, by overlap volume histograms)',
    )
    .option(
      '-k, --neighbours <count>',
      'number of plans whose dose is transferred',
      wholeNumber(1),
      DEFAULT_NEIGHBOURS,
    )
    .addOption(
      new Option('--alignment <kind>', 'how doses are transferred')
        .choices(['rigid', 'deformable'])
        .default('deformable'),
    )
    .option('--against <names...>', 'data sets to search (default: all)')
    .option('--out <file>', 'also write an HTML page to this file')
    .action(async (options: PredictCommandOptions, command: Command) => {
      const { output, withStore, signal } = contextOf(command)
      const { plan, space, neighbours: k, alignment, against, out } = options
      if (out !== undefined) await makeFolderOf(out)
      const predicted = await withStore(async (store) => {
        const { rows } = await sql<{ id: number }>`select cbir.plan_id(${plan}) as id`.execute(
          store.db,
        )
        return predictPlan(store, rows[0]!.id, {
          ...(space !== undefined && { space }),
          k,
          alignment,
          against,
          signal,
          onStep: (step) => output.say(step),
        })
      })
      const objectives = predicted.structures.flatMap(({ name, objectives: own }) =>
        own.map((one) => ({ structure: name, ...one })),
      )
      output.table(objectives, [
        'structure',
        'criterion',
        { key: 'p10', label: '1 in 10 below [Gy]', digits: 1 },
        { key: 'p50', label: 'typical [Gy]', digits: 1 },
        { key: 'p90', label: '1 in 10 above [Gy]', digits: 1 },
        { key: 'own', label: 'this plan [Gy]', digits: 1 },
      ])
      if (out !== undefined) {
        await writeFile(out, renderPredictionPage(predicted))
        output.say(`see ${out}`)
      }
      output.result(predicted)
    })
}
