/** Which calls compile and which do not. `tsc` makes these checks; they need no database. */
import type { Expression, Kysely, RawBuilder, Transaction } from 'kysely'
import { describe, expectTypeOf, it } from 'vitest'
import type { BitCode } from '../../src/core/code.js'
import { vector, type FeatureVector } from '../../src/core/vector.js'
import { compareWithExact } from '../../src/compare/compare-with-exact.js'
import {
  bitCount,
  cosineDistance,
  dice,
  hamming,
  l2Distance,
} from '../../src/search/expressions.js'
import { encodeQuery } from '../../src/search/encode-query.js'
import { hashQuery } from '../../src/search/hash-query.js'
import { nearest, nearestEach, nearestExact } from '../../src/search/nearest.js'
import type { OpenIndex } from '../../src/search/open-index.js'
import { similarPlans } from '../../src/search/similar-plans.js'
import type { Database, Features } from '../../src/store/connection/database.js'
import type { Vector } from '../../src/store/connection/columns.js'
import { openDatabase, withLsh } from '../../src/store/connection/open-database.js'

interface Word {
  id: string
  v: Vector<3>
  code: BitCode<9>
  hash: BitCode<16>
  maybe: Vector<3> | null
}
interface Named {
  name: string
  v: Vector<3>
}
type Tables = Database & {
  'space.ct': Features<64>
  'space.any': Features
  'public.word': Word
  'public.named': Named
}

declare const db: Kysely<Tables>
declare const transaction: Transaction<Tables>
declare const index: OpenIndex
declare const v64: FeatureVector<64>
declare const plain: Float32Array

/** Compiled and never run. */
function compiles(_: () => unknown): void {
  it('compiles, except on the lines marked @ts-expect-error', () => undefined)
}

describe('vector', () => {
  compiles(() => {
    expectTypeOf(vector([1, 2, 3])).toEqualTypeOf<FeatureVector<3>>()
    expectTypeOf(vector(plain, 64)).toEqualTypeOf<FeatureVector<64>>()
    expectTypeOf<FeatureVector>().toEqualTypeOf<Float32Array>()
    expectTypeOf(plain).toExtend<FeatureVector<3>>()
    expectTypeOf<FeatureVector<3>>().not.toExtend<FeatureVector<4>>()
    expectTypeOf<BitCode<9>>().not.toExtend<BitCode<16>>()
    expectTypeOf<BitCode>().toExtend<BitCode<16>>()
  })
})

describe('rows', () => {
  compiles(async () => {
    const rows = await db.selectFrom('public.word').select(['v', 'code', 'maybe as m']).execute()
    expectTypeOf(rows).toEqualTypeOf<
      { v: FeatureVector<3>; code: BitCode<9>; m: FeatureVector<3> | null }[]
    >()
    const word = { id: 'a', v: vector([1, 2, 3]), maybe: null }
    declareCodes((code, hash) => {
      void db.insertInto('public.word').values({ ...word, code, hash })
      // @ts-expect-error the code has 16 bits, not 9
      void db.insertInto('public.word').values({ ...word, code: hash, hash })
      // @ts-expect-error the vector has 2 dimensions, not 3
      void db.insertInto('public.word').values({ ...word, code, hash, v: vector([1, 2]) })
      // @ts-expect-error text is not a vector
      void db.insertInto('public.word').values({ ...word, code, hash, v: '[1,2,3]' })
    })
  })
})

declare function declareCodes(use: (code: BitCode<9>, hash: BitCode<16>) => void): void

describe('nearest', () => {
  compiles(async () => {
    const query = nearest(db, 'space.ct', { to: { item: 4 }, k: 5, excludeSamePatient: false })
    expectTypeOf(await query.selectAll().execute()).toEqualTypeOf<
      {
        item_id: number
        embedding: FeatureVector<64>
        distance: number
        hamming: number | null
        estimated: true | undefined
      }[]
    >()
    const joined = query
      .innerJoin('cbir.slices as slice', 'slice.item_id', 'near.item_id')
      .leftJoin('public.word as word', 'word.id', 'slice.patient')
      .where('slice.prescription_gy', '>', 60)
      .select(['near.distance as far', 'slice.patient', 'word.code'])
    expectTypeOf(await joined.execute()).toEqualTypeOf<
      { far: number; patient: string; code: BitCode<9> | null }[]
    >()
    expectTypeOf(
      await nearest(transaction, 'space.ct', { to: v64 }).select('near.item_id').execute(),
    ).toEqualTypeOf<{ item_id: number }[]>()
    void nearest(db, 'space.ct', { to: plain })
    void nearest(db, 'space.any', { to: v64 })
    // @ts-expect-error no such table
    void nearest(db, 'space.nope', { to: { item: 4 } })
    // @ts-expect-error a table without vectors
    void nearest(db, 'cbir.slices', { to: { item: 4 } })
    // @ts-expect-error the vector has 3 dimensions, not 64
    void nearest(db, 'space.ct', { to: vector([1, 2, 3]) })
    // @ts-expect-error the hashed vector has 3 dimensions, not 64
    void nearest(db, 'space.ct', { to: hashQuery(index, vector([1, 2, 3])) })
    void nearest(db, 'space.ct', { to: hashQuery(index, plain) })
    void nearest(db, 'space.ct', { to: hashQuery(index, v64) })
    void similarPlans(transaction, 1, { space: 'ct' })
    void encodeQuery(transaction, 'ct', { png: new Uint8Array() })
    // @ts-expect-error keys of a space are numbers
    void nearest(db, 'space.ct', { to: { item: '4' } })
    // @ts-expect-error no such stage
    void nearest(db, 'space.ct', { to: { item: 4 }, stage: 'graph' })
    // @ts-expect-error no such column
    void query.select('near.patient')
    // @ts-expect-error nothing of that name is joined
    void query.where('slice.patient', '=', 'x')
  })
})

describe('nearest of a table with other keys', () => {
  compiles(async () => {
    const query = nearest(db, 'public.word', { to: { item: 'a' }, key: 'id' })
    expectTypeOf(await query.select(['near.id', 'near.hamming']).execute()).toEqualTypeOf<
      { id: string; hamming: number | null }[]
    >()
    void nearest(db, 'public.word', { to: { item: 'a' } })
    void nearest(db, 'public.word', { to: [1, 2, 3] })
    void nearest(db, 'public.named', { to: { item: 'a' }, key: 'name' })
    // @ts-expect-error the key column is not given and there is no column "id"
    void nearest(db, 'public.named', { to: vector([1, 2, 3]) })
    // @ts-expect-error keys of words are text, also when the key column is not given
    void nearest(db, 'public.word', { to: { item: 4 } })
    // @ts-expect-error no such column
    void nearest(db, 'public.word', { to: vector([1, 2, 3]), key: 'nope' })
    // @ts-expect-error keys of words are text
    void nearest(db, 'public.word', { to: { item: 4 }, key: 'id' })
    // @ts-expect-error words have no patients
    void nearest(db, 'public.word', { to: { item: 'a' }, key: 'id', excludeSamePatient: true })
  })
})

describe('nearestExact, nearestEach and compareWithExact', () => {
  compiles(async () => {
    const exact = nearestExact(db, 'space.ct', { to: v64, k: 3 })
    expectTypeOf(await exact.select('near.distance').execute()).toEqualTypeOf<
      { distance: number }[]
    >()
    // @ts-expect-error an exact search has no probes
    void nearestExact(db, 'space.ct', { to: v64, probes: 3 })
    const each = nearestEach(db, 'space.ct', { to: [v64, plain], k: 3 })
    expectTypeOf(await each.select(['near.query', 'near.item_id']).execute()).toEqualTypeOf<
      { query: number; item_id: number }[]
    >()
    // @ts-expect-error the vector has 3 dimensions, not 64
    void nearestEach(db, 'space.ct', { to: [vector([1, 2, 3])] })
    const compared = await compareWithExact(
      db,
      nearest(db, 'public.word', { to: { item: 'a' }, key: 'id' }).where('near.id', '>', 'b'),
    )
    expectTypeOf(compared!.found[0]!).toEqualTypeOf<{
      key: number | string
      distance: number
      hamming: number | null
      estimated?: true
    }>()
  })
})

describe('expressions such as l2Distance and hamming', () => {
  compiles(() => {
    void db.selectFrom('public.word as a').select(({ ref }) => {
      expectTypeOf(l2Distance(ref('a.v'), ref('a.maybe'))).toEqualTypeOf<
        RawBuilder<number | null>
      >()
      expectTypeOf(l2Distance(ref('a.v'), plain)).toEqualTypeOf<RawBuilder<number>>()
      expectTypeOf(bitCount(ref('a.code'))).toEqualTypeOf<RawBuilder<number>>()
      // @ts-expect-error the vector has 64 dimensions, not 3
      void l2Distance(ref('a.v'), v64)
      // @ts-expect-error a code is not a vector
      void cosineDistance(ref('a.v'), ref('a.code'))
      // @ts-expect-error no such column
      void l2Distance(ref('a.w'), plain)
      // @ts-expect-error the code has 16 bits, not 9
      void hamming(ref('a.code'), ref('a.hash'))
      // @ts-expect-error one set holds text, the other numbers
      void dice<string>(ref('a.id') as unknown as Expression<string[]>, [1])
      return hamming(ref('a.code'), ref('a.code')).as('bits')
    })
  })
})

describe('openDatabase and withLsh', () => {
  compiles(async () => {
    const opened = await openDatabase<{ 'space.ct': Features<64> }>({ url: '' })
    expectTypeOf(opened).toEqualTypeOf<Kysely<Database & { 'space.ct': Features<64> }>>()
    void opened.selectFrom('cbir.slices').selectAll()
    void nearest(opened, 'space.ct', { to: v64 })
    const own = await withLsh(null as unknown as Kysely<{ word: Word }>, null as never)
    void own.selectFrom('word').innerJoin('cbir.item', 'cbir.item.label', 'word.id').selectAll()
    // @ts-expect-error one of url, dataDir and pool is required
    void openDatabase({})
  })
})
