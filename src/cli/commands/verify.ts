import type { Command } from 'commander'
import type { PlanSource } from '../../ingest/plan-source.js'
import { contextOf } from '../context.js'
import { wholeNumber, withPseudonymKey } from '../options.js'
import { dicomPlans } from '../steps/load-dicom.js'
import { pseudonymKey, type PseudonymKeyOptions } from '../steps/pseudonym-key.js'
import { openKbpPlans, phantomPlans } from '../steps/sources.js'
import { verify, type VerifyStepOptions } from '../steps/verify.js'

/** Exit code if something differs. */
const SOME_DIFFER = 3

export function addVerifyCommand(program: Command): void {
  const parent = program
    .command('verify')
    .description(
      'read a sample of plans again, compare it with the database, and check volumes and doses by a simpler, independent computation',
    )

  withVerifyOptions(
    parent
      .command('openkbp')
      .description('verify plans of the OpenKBP challenge; exit with 3 if anything differs')
      .argument('<folder>', 'folder from which the plans were loaded')
      .requiredOption('--dataset <name>', 'name of the data set'),
  ).action(async (folder: string, options: VerifyStepOptions, command: Command) => {
    await verifyAll(await openKbpPlans(folder), options, command)
  })

  withVerifyOptions(
    withPseudonymKey(
      parent
        .command('dicom')
        .description('verify plans in DICOM RT; exit with 3 if anything differs')
        .argument('<path...>', 'folders and zip archives that the plans were loaded from')
        .requiredOption('--dataset <name>', 'name of the data set'),
    ),
  ).action(
    async (paths: string[], options: VerifyStepOptions & PseudonymKeyOptions, command: Command) => {
      const context = contextOf(command)
      // A new key would match nothing, and give patients of later loads other pseudonyms.
      const key = await pseudonymKey(context.output, options, { make: false })
      const { plans } = await dicomPlans(context, paths, key)
      await verifyAll(plans, options, command)
    },
  )

  withVerifyOptions(
    parent
      .command('synthetic')
      .description('verify a synthetic cohort; exit with 3 if anything differs')
      .option('--dataset <name>', 'name of the data set', 'synthetic')
      .option('--patients <count>', 'as given to "load"', wholeNumber(1), 24)
      .option('--seed <number>', 'as given to "load"', wholeNumber(0), 1),
  ).action(
    async (options: VerifyStepOptions & { patients: number; seed: number }, command: Command) => {
      await verifyAll(phantomPlans(options), options, command)
    },
  )
}

function withVerifyOptions(command: Command): Command {
  return command.option('--sample <count>', 'number of plans to check', wholeNumber(1), 10)
}

async function verifyAll(
  sources: readonly PlanSource[],
  options: VerifyStepOptions,
  command: Command,
): Promise<void> {
  const context = contextOf(command)
  const result = await context.withStore((store) => verify(context, store, sources, options))
  context.output.result(result)
  if (result.differences.length > 0) process.exitCode = SOME_DIFFER
}
