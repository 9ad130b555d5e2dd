import type { Context } from '../context.js'

/** The steps of a long command, announced with their numbers and timed. */
export interface TimedSteps {
  /** Duration of each finished step in seconds, by name. */
  readonly seconds: Readonly<Record<string, number>>
  /** Runs a step. @throws the reason of an interruption before the step starts */
  readonly step: <T>(name: string, work: () => Promise<T>) => Promise<T>
}

export function timedSteps({ output, signal }: Context): TimedSteps {
  const seconds: Record<string, number> = {}
  return {
    seconds,
    step: async (name, work) => {
      signal.throwIfAborted()
      output.say(`\n${Object.keys(seconds).length + 1}. ${name}`)
      const started = performance.now()
      const result = await work()
      seconds[name] = Math.round(performance.now() - started) / 1000
      return result
    },
  }
}
