import { createHash } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { makeFolder } from '../../core/make-folder.js'
import type { AdamState } from './adam.js'
import type { EpochRecord } from '../trained/trained-encoder.js'
import type { TrainingFrames } from './train-options.js'

/** State of a training between two passes. */
export interface Progress {
  readonly history: readonly EpochRecord[]
  readonly weights: readonly Float32Array[]
  readonly sharpness: number
  readonly optimizer: AdamState
  readonly best: { readonly epoch: number; readonly score: number; readonly loss: number }
  readonly bestWeights: readonly Float32Array[]
}

/** Storage of the state of a training. */
export interface Checkpoint {
  read(): Promise<Progress | null>
  write(progress: Progress): Promise<void>
  /** Called when the encoder is finished. */
  remove(): Promise<void>
}

/**
 * The checkpoint of a training in a folder. Its name is a digest of everything that decides the training, frames
 * included, so that a training never resumes with other data or settings.
 */
export function openCheckpoint(
  folder: string,
  name: string,
  { settings, frames }: { settings: unknown; frames: TrainingFrames },
): Checkpoint {
  const digest = createHash('sha256').update(JSON.stringify(settings))
  const { train, validation, levels, groups } = frames
  const { source, label } = groups?.train ?? {}
  const numbers = [train, validation, levels?.train.mm, levels?.train.plan, source, label]
  for (const part of numbers)
    if (part) digest.update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength))
  const file = join(folder, `${name}-${digest.digest('hex').slice(0, 16)}.checkpoint`)
  return {
    async read() {
      let bytes: Buffer
      try {
        bytes = await readFile(file)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
        throw error
      }
      return deserialize(bytes) as Progress
    },
    async write(progress) {
      await makeFolder(folder)
      // Written to a temporary file first, so that a kill leaves the previous checkpoint intact.
      await writeFile(`${file}.part`, serialize(progress))
      await rename(`${file}.part`, file)
    },
    remove: () => rm(file, { force: true }),
  }
}
