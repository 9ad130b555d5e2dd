import { Option, type Command } from 'commander'
import type { PlanSource } from '../../ingest/plan-source.js'
import { contextOf } from '../context.js'
import { addLoadPictures, SOME_REFUSED } from './load-pictures.js'
import { collect, retryOption, wholeNumber, withPseudonymKey } from '../options.js'
import { retryOptions } from '../retry-options.js'
import { dicomPlans, type DicomPlansOptions } from '../steps/load-dicom.js'
import { loadPlans, reportLoad, type LoadStepOptions } from '../steps/load.js'
import { loadVectors, type LoadVectorsStepOptions } from '../steps/load-vectors.js'
import { pseudonymKey, type PseudonymKeyOptions } from '../steps/pseudonym-key.js'
import { openKbpPlans, phantomPlans } from '../steps/sources.js'

export function addLoadCommand(program: Command): void {
  const load = program
    .command('load')
    .description('load plans, images or features into the database')

  withLoadOptions(
    load
      .command('openkbp')
      .description(
        'load a tree of the OpenKBP challenge, <split>-pats/pt_<n>/*.csv; skip loaded plans, exit with 3 if any plan is refused',
      )
      .argument('<folder>', 'folder of the tree, or a part of it')
      .requiredOption('--dataset <name>', 'name of the data set'),
  ).action(async (folder: string, options: LoadStepOptions, command: Command) => {
    await loadAll(await openKbpPlans(folder), options, command)
  })

  withLoadOptions(
    load
      .command('synthetic')
      .description('load a synthetic head-and-neck cohort; the same seed gives the same cohort')
      .option('--dataset <name>', 'name of the data set', 'synthetic')
      .option('--patients <count>', 'number of patients, one plan each', wholeNumber(1), 24)
      .option('--seed <number>', 'seed of anatomy and dose', wholeNumber(0), 1),
  ).action(
    async (options: LoadStepOptions & { patients: number; seed: number }, command: Command) => {
      await loadAll(phantomPlans(options), options, command)
    },
  )

  withLoadOptions(
    withPseudonymKey(
      load
        .command('dicom')
        .description(
          'load plans of DICOM RT (CT and RT structure set, with RT plan and RT dose if present), whatever the names and order of the files; skip loaded plans, exit with 3 if any plan is refused',
        )
        .argument('<path...>', 'folders and zip archives')
        .requiredOption('--dataset <name>', 'name of the data set')
        .option(
          '--strict-references',
          'refuse files that no reference joins, instead of using the only possible match',
        )
        .option(
          '--explain',
          'report for each plan how its files were joined, which dose was used, the spacing, the volume and dose coverage of each structure, and what was assumed; with --json as "explained"; reads loaded plans again',
        ),
    ),
  ).action(
    async (
      paths: string[],
      options: LoadStepOptions & PseudonymKeyOptions & DicomPlansOptions,
      command: Command,
    ) => {
      const context = contextOf(command)
      const key = await pseudonymKey(context.output, options)
      const { plans, leftOut } = await dicomPlans(context, paths, key, options)
      await loadAll(plans, options, command, { leftOut })
    },
  )

  addLoadPictures(load, withLoadOptions)

  load
    .command('vectors')
    .description(
      'load features computed elsewhere into a table, and their codes into its indexes; existing rows remain',
    )
    .argument('<file>', '.npy, .parquet, .ndjson or .jsonl')
    .requiredOption('--table <name>', 'table to load into, with its schema')
    .option('--create', 'create the table if it does not exist')
    .option('--replace', 'replace rows with existing keys')
    .option('--key-column <name>', 'column of the keys (default: the primary key)')
    .option(
      '--vector-column <name>',
      'column of the vectors (default: the only one of type vector)',
    )
    .option('--file-key <name>', 'the keys in the file (default: --key-column, else key)')
    .option(
      '--file-vector <name>',
      'the vectors in the file (default: --vector-column, else embedding)',
    )
    .option('--keys <file>', 'npy file with the key of each row of an npy file (default: 0, 1, …)')
    .option(
      '--code-file <file>',
      'npy file with the code of each row of an npy file, as numpy.packbits makes them',
    )
    .option('--bucket-file <file>', 'npy file with their buckets')
    .addOption(
      new Option(
        '--codes <how>',
        'codes in the files: use them after checking a sample, or ignore them and compute all codes',
      )
        .choices(['take', 'ignore'])
        .default('take'),
    )
    .addOption(retryOption())
    .action(async (file: string, options: LoadVectorsStepOptions, command: Command) => {
      const context = contextOf(command)
      const loaded = await context.withStore(
        (store) => loadVectors(context, store, file, options),
        {
          create: options.create ?? false,
          retry: retryOptions(context, options),
        },
      )
      const { rows, standing, indexes } = loaded
      context.output.say(
        `table ${options.table}: ${rows} rows loaded, ${standing} ${options.replace ? 'of them replaced existing rows' : 'already existed'}; ` +
          `codes of ${indexes.length === 0 ? 'no index' : indexes.join(', ')} written`,
      )
      context.output.result({ table: options.table, ...loaded })
    })
}

/** Adds the options that all loaders of plans share. */
function withLoadOptions(command: Command): Command {
  return command
    .option('--strict', 'stop at the first plan that is refused')
    .option(
      '--encode <space>',
      'also encode the loaded plans in this space, may be repeated; name a joint space after its parts',
      collect,
    )
    .option(
      '--memory <MiB>',
      'memory for plans that are being read or waiting to be stored (default: 512)',
      wholeNumber(1),
    )
    .option(
      '--threads <count>',
      'number of reading threads (default: number of cores)',
      wholeNumber(1),
    )
    .addOption(retryOption())
    .option('--log <file>', 'append a line of JSON for each plan: key, outcome, ms, slices, reason')
    .option('--reread', 'read unchanged plans again')
}

async function loadAll(
  plans: readonly PlanSource[],
  options: LoadStepOptions,
  command: Command,
  besides: object = {},
): Promise<void> {
  const context = contextOf(command)
  const summary = await context.withStore((store) => loadPlans(context, store, plans, options), {
    create: true,
    retry: retryOptions(context, options),
  })
  reportLoad(context, summary)
  context.output.result({ ...summary, ...besides })
  if (summary.refused.length > 0) process.exitCode = SOME_REFUSED
}
