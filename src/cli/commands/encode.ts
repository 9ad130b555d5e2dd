import type { Command } from 'commander'
import { contextOf } from '../context.js'
import { positiveNumber } from '../options.js'
import { encode } from '../steps/features.js'
import { JOINT_SPACES } from '../../store/encode/known-spaces.js'
import { JOINT_PICTURE_SPACES } from '../../store/encode/picture-spaces.js'
import { PLAN_SPACES } from '../../store/encode/plan-vectors.js'

export function addEncodeCommand(program: Command): void {
  program
    .command('encode')
    .description('encode all slices, images or neurons that are not in a space yet')
    .requiredOption(
      '--space <name>',
      `a trained space, a joint one: ${[...Object.keys(JOINT_SPACES), ...Object.keys(JOINT_PICTURE_SPACES)].join(', ')}; or one of plans: ${Object.keys(PLAN_SPACES).join(', ')}`,
    )
    .option(
      '--weight <number>',
      'for a joint space: weight of a part, in their order, repeated for each (default: 1)',
      (text: string, before: number[] | undefined) => [...(before ?? []), positiveNumber(text)],
    )
    .action(async (options: { space: string; weight?: number[] }, command: Command) => {
      const context = contextOf(command)
      const items = await context.withStore((store) =>
        encode(context, store, options.space, options.weight ? { weights: options.weight } : {}),
      )
      context.output.say(`${items} items encoded into space ${options.space}`)
      context.output.result({ space: options.space, items })
    })
}
