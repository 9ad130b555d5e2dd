import { writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { renderReconstructionPage } from '../../report/pages/reconstruction-page.js'
import { psnrText, reconstructionText } from '../../report/figures/quality-text.js'
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
      'write a page with slices beside their reconstructions, and a volume to rotate with the mouse',
    )
    .requiredOption('--space <name>', 'space of the encoder')
    .requiredOption('--out <file>', 'HTML file to write')
    .option('--slices <count>', 'number of slices of held-out patients', wholeNumber(1), 4)
    .option('--plan <key>', 'plan of the volume (default: chosen by seed among held-out plans)')
    .option(
      '--dataset <name>',
      'data set of slices and plan (default: the data set of the encoder)',
    )
    .option('--seed <number>', 'seed of the choice', wholeNumber(0), 1)
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
