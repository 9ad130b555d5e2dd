import type { Command } from 'commander'
import type { ListedPictures } from '../../ingest/pictures/picture-source.js'
import { contextOf } from '../context.js'
import { retryOptions } from '../retry-options.js'
import {
  imagesOf,
  loadPictures,
  neuronsOf,
  reportPictures,
  type LoadPicturesStepOptions,
} from '../steps/load-pictures.js'

/** Exit code if some files were refused and the others loaded. */
export const SOME_REFUSED = 3

/** Adds "load images" and "load swc". @param withLoadOptions adds what all loads of files have */
export function addLoadPictures(
  load: Command,
  withLoadOptions: (command: Command) => Command,
): void {
  withLabels(
    withLoadOptions(
      load
        .command('images')
        .description(
          'load a folder of images, PNG, JPEG, TIFF or WebP; skip loaded files, exit with 3 if any file is refused',
        )
        .argument('<folder>', 'folder of the images, in sub-folders by label if there are labels')
        .requiredOption('--dataset <name>', 'name of the data set'),
    ),
  ).action(async (folder: string, options: LoadPicturesStepOptions, command: Command) => {
    await loadAllPictures(await imagesOf(folder, options), options, command)
  })

  withLabels(
    withLoadOptions(
      load
        .command('swc')
        .description(
          'load a folder of neuron morphologies in SWC; skip loaded files, exit with 3 if any file is refused',
        )
        .argument('<folder>', 'folder of the files, in sub-folders by label if there are labels')
        .requiredOption('--dataset <name>', 'name of the data set'),
    ),
  ).action(async (folder: string, options: LoadPicturesStepOptions, command: Command) => {
    await loadAllPictures(await neuronsOf(folder, options), options, command)
  })
}

/** Adds the options about labels. */
function withLabels(command: Command): Command {
  return command
    .option(
      '--labels <file>',
      'CSV with a column file, and label, split and others as attributes (default: the first folder in the path of a file is its label)',
    )
    .option(
      '--source <column>',
      'column of that CSV with the source of each picture; all pictures of a source are used either for training or for tests (default: source_tile, source or patient, else each file is a source)',
    )
}

async function loadAllPictures(
  pictures: ListedPictures,
  options: LoadPicturesStepOptions,
  command: Command,
): Promise<void> {
  const context = contextOf(command)
  const summary = await context.withStore(
    (store) => loadPictures(context, store, pictures, options),
    { create: true, retry: retryOptions(context, options) },
  )
  reportPictures(context, summary)
  context.output.result(summary)
  if (summary.refused.length > 0) process.exitCode = SOME_REFUSED
}
