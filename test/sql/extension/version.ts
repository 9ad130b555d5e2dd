import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const read = (path: string) =>
  JSON.parse(
    readFileSync(fileURLToPath(new URL(`../../../${path}`, import.meta.url)), 'utf8'),
  ) as unknown

/** Version of the package and of the scripts of the extension. */
export const packageVersion = () => (read('package.json') as { version: string }).version

/** Releases whose scripts are stored, oldest first. */
export const releases = () => read('migrations/releases.json') as { version: string }[]
