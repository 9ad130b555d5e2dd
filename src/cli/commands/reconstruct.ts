import { writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { renderReconstructionPage } from '../../report/reconstruction-page.js'
import { psnrText, reconstructionText } from '../../report/quality-text.js'
import { contextOf } from '../context.js'
import { makeFolderOf } from '../output-folder.js'
import { wholeNumber } from '../options.js'
import { QUALITY_COLUMNS } from '../quality-columns.js'
import { reconstruct, type ReconstructOptions } from '../steps/reconstruct.js'

interface ReconstructCommandOptions extends ReconstructOptions {
  space: string
  out: string
}

export function addReconstructCommand(program: Command): void {
  program
    .command('reconstruct')
    .description(
      'write a page of what an encoder keeps: slices beside their reconstructions, and a volume that turns with the mouse',
    )
    .requiredOption('--space <name>', 'space whose encoder is shown')
    .requiredOption('--out <file>', 'HTML file to write')
    .option('--slices <count>', 'slices of patients not trained on', wholeNumber(1), 4)
    .option(
      '--plan <key>',
      'plan whose whole volume is shown (default: chosen by seed among those not trained on)',
    )
    .option('--dataset <name>', 'data set of slices and plan (default: that of the encoder)')
    .option('--seed <number>', 'decides what is chosen', wholeNumber(0), 1)
    .action(async (options: ReconstructCommandOptions, command: Command) => {
      const context = contextOf(command)
      const { space, out } = options
      const { page, quality, slices, volume } = await context.withStore(async (store) => {
        await makeFolderOf(out)
        return reconstruct(context, store, space, options)
      })
      await writeFile(out, renderReconstructionPage(page))
      context.output.table(slices, ['item', 'plan', 'slice', 'plane', ...QUALITY_COLUMNS])
      for (const { plan, plane, slices: count, ...rest } of volume)
        context.output.say(`plan ${plan}, ${plane}, ${count} slices: ${psnrText(rest)}`)
      for (const one of quality) context.output.say(reconstructionText(one))
      context.output.say(`see ${out}`)
      context.output.result({ space, out, quality, slices, volume })
    })
}
