import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql,
  type RawBuilder,
} from 'kysely'
import {
  asymmetricHamming,
  binaryQuantize,
  bitCount,
  callSql,
  codeFromText,
  compareWithExact,
  cosineDistance,
  dice,
  hamming,
  jaccard,
  l2Distance,
  nearest,
  nearestEach,
  search,
  sampleRecall,
  searchExact,
  within,
  pairs,
  similarSlices,
  similarSlicesExact,
  vector,
  type BitCode,
  type Database,
  type Features,
} from 'pg-lsh'
import { matchedSlices, similarPlans } from '../../src/search/similar-plans.js'

interface Tables {
  'space.ct_shallow': Features<3>
}

const executed: string[] = []
const db = new Kysely<Database & Tables>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (kysely) => new PostgresIntrospector(kysely),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
  log: ({ query }) => void executed.push(query.sql),
})

const embedding = sql.ref<Float32Array>('a.embedding')
const code = sql.ref<BitCode>('a.code')
const keys = sql.ref<string[]>('a.keys')
const v = vector([1, 2, 3])
const c = codeFromText('0110')

function compiled(expression: RawBuilder<unknown>): () => string {
  return () => expression.compile(db).sql
}

/** By function whose comment shows SQL: compiles the call that the comment describes. */
export const compiledCalls: Readonly<Record<string, () => string | Promise<string>>> = {
  l2Distance: compiled(l2Distance(embedding, v)),
  cosineDistance: compiled(cosineDistance(embedding, v)),
  hamming: compiled(hamming(code, c)),
  asymmetricHamming: compiled(
    asymmetricHamming(code, { code: c, planes: [c, c, c], step: 1, size: 4 }),
  ),
  bitCount: compiled(bitCount(code)),
  binaryQuantize: compiled(binaryQuantize(embedding)),
  dice: compiled(dice(keys, ['x'])),
  jaccard: compiled(jaccard(keys, ['x'])),
  nearest: () =>
    nearest(db, 'space.ct_shallow', { to: { item: 400 }, k: 5 })
      .innerJoin('cbir.slices as slice', 'slice.item_id', 'near.item_id')
      .where('slice.prescription_gy', '>', 60)
      .select(['near.item_id', 'near.distance', 'slice.patient'])
      .compile().sql,
  nearestEach: () =>
    nearestEach(db, 'space.ct_shallow', { to: { items: [400, 401] } })
      .selectAll()
      .compile().sql,
  compareWithExact: async () => {
    executed.length = 0
    await compareWithExact(db, nearest(db, 'space.ct_shallow', { to: { item: 400 }, k: 20 }))
    return executed[0] ?? ''
  },
  callSql: async () => {
    executed.length = 0
    await callSql(db, 'lsh.reindex', { index: 'document', family: 'document_1024' })
    return executed[0] ?? ''
  },
  sampleRecall: async () => {
    executed.length = 0
    await sampleRecall(db, nearest(db, 'space.ct_shallow', { to: { item: 400 } }), { share: 1 })
    return executed[0] ?? ''
  },
  similarSlices: () => similarSlices(db, 400, { space: 'ct_shallow' }).compile().sql,
  similarSlicesExact: () => similarSlicesExact(db, 400, { space: 'ct_shallow' }).compile().sql,
  similarPlans: () =>
    similarPlans(db, 12, {
      space: 'ct_shallow',
      where: (plan) => plan('site', '=', 'lung'),
    }).compile().sql,
  matchedSlices: () => matchedSlices(db, 12, 13, { space: 'ct_shallow' }).compile().sql,
  search: () => search(db, v, { index: 'ct_shallow' }).compile().sql,
  within: () => within(db, v, { index: 'ct_shallow', radius: 1 }).compile().sql,
  pairs: () => pairs(db, { index: 'ct_shallow', radius: 1 }).compile().sql,
  searchExact: () => searchExact(db, v, { index: 'ct_shallow' }).compile().sql,
}
