import { join } from 'node:path'
import type { Command } from 'commander'
import type { Store } from '../../store/connection/connect.js'
import { migrate } from '../../store/schema/migrate.js'
import {
  contextOf,
  reportingWaits,
  waitReporter,
  withStoreAt,
  type GlobalOptions,
} from '../context.js'
import { wholeNumber } from '../options.js'
import { makeFolderOf } from '../output-folder.js'
import { tableText } from '../output.js'
import { printPictures } from '../steps/evaluate-pictures.js'
import { runPicturesDemo } from '../steps/demo-pictures.js'
import { runDemo } from '../steps/demo.js'
import type { DemoResult } from '../steps/demo-result.js'

interface DemoCommandOptions {
  data?: string
  images?: string
  labels?: string
  epochs?: number
  dataset?: string
  patients: number
  queries: number
  seed: number
  report?: string
  allNeighbours?: boolean
}

/** Folder of the demo's database and page, separate from other databases. */
const FOLDER = '.demo'

export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description(
      'run all steps: load, train, encode, hash, index, search, compare; the database is .demo/<dataset> unless --db names another one',
    )
    .option('--data <folder>', 'OpenKBP plans (default: a synthetic cohort)')
    .option('--images <folder>', 'use images, in folders by label, instead of plans')
    .option('--labels <file>', 'CSV of their labels, as for "pg-lsh load images"')
    .option(
      '--epochs <count>',
      'maximum number of training passes on images (default: depends on the space)',
      wholeNumber(1),
    )
    .option('--dataset <name>', 'name of the data set (default: openkbp, images, or synthetic)')
    .option('--patients <count>', 'size of the synthetic cohort', wholeNumber(12), 24)
    .option('--queries <count>', 'slices to query with', wholeNumber(1), 400)
    .option(
      '--seed <number>',
      'seed of the cohort, the split, the training and the hash',
      wholeNumber(0),
      1,
    )
    .option('--report <file>', 'page with the pictures (default: .demo/<dataset>.html)')
    .option(
      '--all-neighbours',
      'draw the nearest slices even if several belong to one patient (default: the nearest of each patient)',
    )
    .action(async (options: DemoCommandOptions, command: Command) => {
      const context = contextOf(command)
      const { output } = context
      const { images } = options
      const usual = images === undefined ? (options.data ? 'openkbp' : 'synthetic') : 'images'
      const dataset = options.dataset ?? usual
      const place = command.optsWithGlobals<GlobalOptions>().db ?? join(FOLDER, dataset)
      const report = options.report ?? join(FOLDER, `${dataset}.html`)
      if (!options.data && images === undefined) {
        output.say(
          `Without --data, a synthetic cohort of ${options.patients} patients is made up (seed ${options.seed}).`,
        )
      }
      const run = async (store: Store) => {
        await migrate(store, { onWait: waitReporter(output) })
        if (images !== undefined) {
          const demo = () =>
            runPicturesDemo(context, store, { ...options, images, dataset, report })
          const result = await reportingWaits(output, demo)(store)
          printPictures(context, result)
          output.say(`\nPictures: ${result.report}`)
          output.result(result)
          return
        }
        const demo = () => runDemo(context, store, { ...options, dataset, report })
        const result = await reportingWaits(output, demo)(store)
        // The text goes to stdout, unless a script wants only JSON there.
        const print = (text: string) => {
          if (output.json) output.say(text)
          else output.stdout.write(`${text}\n`)
        }
        print(`\n${summaryTable(result)}`)
        print(`\nPictures: ${result.report}`)
        print(`\nTo go on from here, in psql or with "npx pg-lsh --db ${store.location} sql …":\n`)
        for (const statement of result.sql) print(`${statement}\n`)
        print(`To view it in a browser: npx pg-lsh --db ${store.location} serve --open`)
        output.result(result)
      }
      await makeFolderOf(report, '--report')
      await withStoreAt(place, run, { create: true })
    })
}

function summaryTable(result: DemoResult): string {
  const rows = Object.entries(result.spaces).map(([space, figures]) => ({ space, ...figures }))
  return tableText(rows, [
    'space',
    'queries',
    'bits',
    { key: 'dice_at_10', label: 'Dice@10' },
    { key: 'jaccard_at_10', label: 'Jaccard@10' },
    { key: 'recall_at_10', label: 'recall@10' },
    { key: 'visited_share', label: 'visited' },
    { key: 'milliseconds', label: 'ms', digits: 1 },
  ])
}
