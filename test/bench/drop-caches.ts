import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const KNOB = '/proc/sys/vm/drop_caches'

/** Drops the file cache of the operating system; needs Linux and root on the server's machine. */
export async function dropCaches(say: (text: string) => void): Promise<void> {
  try {
    await promisify(execFile)('sync')
    await writeFile(KNOB, '3')
  } catch (error) {
    say(`the caches of the system stay as they are: ${(error as Error).message}`)
  }
}
