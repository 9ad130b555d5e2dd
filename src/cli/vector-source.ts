import type { Command } from 'commander'
import { LshError } from '../core/errors.js'
import type { VectorSource } from '../store/codes/vector-sample.js'

/** Options that `withVectorSource` adds to a command. */
export interface VectorSourceOptions {
  space?: string
  relation?: string
  column: string
}

/** Adds `--space`, or `--relation` and `--column`, for commands that work on vectors of either. */
export function withVectorSource(command: Command, purpose: string): Command {
  return command
    .option('--space <name>', `space whose features ${purpose}`)
    .option('--relation <table>', `table whose vectors ${purpose}, instead of a space`)
    .option('--column <name>', 'column of the vectors', 'embedding')
}

/** @throws LshError `bad_usage` unless either a space or a table is given */
export function vectorSource({ space, relation, column }: VectorSourceOptions): VectorSource {
  if (space !== undefined && relation === undefined) return { space }
  if (relation !== undefined && space === undefined) return { relation, column }
  throw new LshError('bad_usage', 'a family is for either a space or a table', {
    hint: 'Give --space NAME, or --relation TABLE with --column NAME.',
  })
}
