// Compiles src/hash/simd.wat to src/hash/simd-bytes.ts: "npm run simd", after a change. A test sees to it that it was run.
import { readFile, writeFile } from 'node:fs/promises'
import wabt from 'wabt'

const source = new URL('../src/hash/simd.wat', import.meta.url)
const target = new URL('../src/hash/simd-bytes.ts', import.meta.url)

/** The module that compiles to: TypeScript, so that it needs no file beside the package's own. */
export async function compiled() {
  const { parseWat } = await wabt()
  const module = parseWat('simd.wat', await readFile(source, 'utf8'), { simd: true })
  const { buffer } = module.toBinary({})
  const lines = Buffer.from(buffer)
    .toString('base64')
    .match(/.{1,92}/g)
  return [
    '// Made of simd.wat by "npm run simd".',
    'export const SIMD = [',
    ...lines.map((line) => `  '${line}',`),
    "].join('')",
    '',
  ].join('\n')
}

if (process.argv[1] === new URL(import.meta.url).pathname) await writeFile(target, await compiled())
