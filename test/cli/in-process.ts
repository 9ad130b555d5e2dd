import { createProgram } from '../../src/cli/program.js'

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/** Runs a command in this process without its signal handlers. Returns the error that ends it, or null. */
export async function failureOf(args: readonly string[]): Promise<unknown> {
  const before = SIGNALS.map((signal) => process.listeners(signal))
  try {
    const program = await createProgram('0', args)
    await program.parseAsync([...args], { from: 'user' })
    return null
  } catch (error) {
    return error
  } finally {
    SIGNALS.forEach((signal, i) => {
      for (const listener of process.listeners(signal))
        if (!before[i]?.includes(listener)) process.off(signal, listener)
    })
  }
}
