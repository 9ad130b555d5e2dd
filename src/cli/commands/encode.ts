import type { Command } from 'commander'
import { LshError } from '../../core/errors.js'
import { contextOf } from '../context.js'
import { positiveNumber } from '../options.js'
import { encode, encodeByModel } from '../steps/features.js'
import { JOINT_SPACES } from '../../store/encode/known-spaces.js'
import { JOINT_PICTURE_SPACES } from '../../store/encode/picture-spaces.js'
import { PLAN_SPACES } from '../../store/encode/plan-vectors.js'

interface EncodeCommandOptions {
  space: string
  weight?: number[]
  model?: string
}

export function addEncodeCommand(program: Command): void {
  program
    .command('encode')
    .description('encode all slices, images or neurons that are not in a space yet')
    .requiredOption(
      '--space <name>',
      `a trained space, one of --model, a joint one: ${[...Object.keys(JOINT_SPACES), ...Object.keys(JOINT_PICTURE_SPACES)].join(', ')}; or one of plans: ${Object.keys(PLAN_SPACES).join(', ')}`,
    )
    .option(
      '--weight <number>',
      'for a joint space: weight of a part; repeat the option for each part, in their order (default: 1)',
      (text: string, before: number[] | undefined) => [...(before ?? []), positiveNumber(text)],
    )
    .option(
      '--model <file>',
      'ONNX model that encodes slices, images or neurons into the space, described by the JSON of the same name beside it',
    )
    .action(async (options: EncodeCommandOptions, command: Command) => {
      const context = contextOf(command)
      const { space, weight, model } = options
      if (model !== undefined && weight !== undefined)
        throw new LshError('bad_usage', 'a model has no parts to weight', {
          hint: 'Leave --weight out, or --model.',
        })
      const items = await context.withStore((store) =>
        model === undefined
          ? encode(context, store, space, weight ? { weights: weight } : {})
          : encodeByModel(context, store, space, model),
      )
      context.output.say(`${items} items encoded into space ${options.space}`)
      context.output.result({ space: options.space, items })
    })
}
