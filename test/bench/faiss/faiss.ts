import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { BitCode } from '../../../src/core/code.js'
import { codeTable } from '../../../src/store/codes/write-codes.js'
import { writeNumbers, writePieces } from '../cache.js'
import { blocksOf, row, rowsOf, type Vectors } from '../datasets/dataset.js'
import type { Point } from '../latency.js'
import { K, type Subject } from '../methods/method.js'
import type { Truth } from '../truth.js'

/** Methods outside of the database, for comparison: binary indexes of faiss over our codes. */
export const FAISS = ['faiss-ivf', 'faiss-multihash'] as const
/** The method whose codes they use; its queries have one code rather than one for each cell. */
export const CODES_OF = 'ours-sign'

/** Debian's package of faiss needs Debian's Python, which may not be first on the path. */
const PYTHONS = ['python3', '/usr/bin/python3']
const SCRIPT = join(import.meta.dirname, 'search.py')
const BLOCK = 20_000

/** Cells visited and codes re-ranked. */
const IVF = [
  [1, 50],
  [2, 50],
  [4, 50],
  [8, 100],
  [16, 100],
  [32, 100],
  [64, 200],
  [128, 200],
]
/** Numbers of hash tables and of bits of each; `FLIPS` has differing bits allowed and codes re-ranked. */
const HASHES = [
  [4, 16],
  [8, 16],
  [16, 14],
]
const FLIPS = [
  [0, 100],
  [1, 100],
  [2, 200],
]

export interface FaissMethod {
  readonly name: string
  readonly build_s: number
  readonly index_bytes: number
  readonly curve: readonly Point[]
}

/** A Python with faiss; undefined if there is none. */
export async function pythonWithFaiss(): Promise<string | undefined> {
  for (const python of PYTHONS) {
    const found = await promisify(execFile)(python, ['-c', 'import faiss']).then(
      () => true,
      () => false,
    )
    if (found) return python
  }
  return undefined
}

/** Builds the indexes in a separate process and runs the queries on one thread. */
export async function measureFaiss(
  python: string,
  subject: Subject,
  vectors: Vectors,
  truth: Truth,
  options: { queries: number; signal: AbortSignal },
): Promise<FaissMethod[]> {
  const { queries, signal } = options
  const folder = await mkdtemp(join(tmpdir(), 'pg-lsh-faiss-'))
  try {
    await writeTask(folder, subject, vectors, truth, queries)
    await promisify(execFile)(python, [SCRIPT, folder], { signal })
    const text = await readFile(join(folder, 'result.json'), 'utf8')
    return (JSON.parse(text) as { methods: FaissMethod[] }).methods
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function writeTask(
  folder: string,
  subject: Subject,
  { base, queries }: Vectors,
  truth: Truth,
  count: number,
): Promise<void> {
  const { engine, store, name } = subject
  const index = await engine.openIndex(store.db, name)
  const { bits, dims } = index.family
  const asked = Buffer.concat(
    Array.from({ length: count }, (_, i) => engine.hashQuery(index, row(queries, i)).code.bytes),
  )
  const limits = Float64Array.from(
    { length: count },
    (_, i) => truth.distances[i * truth.depth + Math.min(K, truth.depth) - 1]!,
  )
  const at = (file: string) => join(folder, file)
  await writePieces(at('base.f32'), valuesOf(base))
  await writeNumbers(at('queries.f32'), rowsOf(queries, 0, count).values)
  await writeFile(at('codes.u8'), await codesOf(subject))
  await writeFile(at('asked.u8'), asked)
  await writeNumbers(at('limits.f64'), limits)
  const task = { dims, bits, k: K, ivf: IVF, hashes: HASHES, flips: FLIPS }
  await writeFile(at('task.json'), JSON.stringify(task))
}

function* valuesOf(base: Vectors['base']): Generator<Float32Array> {
  for (const { values } of blocksOf(base, BLOCK)) yield values
}

/** The codes of all rows, in their order. */
async function codesOf({ store, name, rows: count }: Subject): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for (let from = 0; from < count; from += BLOCK) {
    const { rows } = await store.pool.query<{ code: BitCode }>(
      `select code from ${codeTable(name)} where key >= $1 and key < $2 order by key`,
      [from, from + BLOCK],
    )
    parts.push(...rows.map(({ code }) => code.bytes))
  }
  return Buffer.concat(parts)
}
