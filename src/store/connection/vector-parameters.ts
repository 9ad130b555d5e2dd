import type { KyselyPlugin, OperationNode, PrimitiveValueListNode, ValueNode } from 'kysely'
import { encodeField } from './copy-format.js'
import { vectorText } from './types.js'

/**
 * Encodes the vectors among the parameters of a query (`insert`, `update … set`, `where`): a vector in the binary
 * format of pgvector, the elements of an array in its text format. `pg` would send the bytes of a `Float32Array` as
 * they are in memory, which no type of PostgreSQL accepts.
 */
export const vectorParameters: KyselyPlugin = {
  transformQuery: ({ node }) => encoded(node) as typeof node,
  transformResult: ({ result }) => Promise.resolve(result),
}

/** A query tree, or a part of one, with its vectors encoded; the same object if it contains none. */
function encoded(part: unknown): unknown {
  if (Array.isArray(part)) return mapped(part, encoded)
  if (typeof part !== 'object' || part === null) return part
  switch ((part as OperationNode).kind) {
    case 'ValueNode':
      return changed(part as ValueNode, 'value', parameter)
    case 'PrimitiveValueListNode':
      return changed(part as PrimitiveValueListNode, 'values', (values) =>
        mapped(values, parameter),
      )
    default: {
      let copy = part
      for (const name of Object.keys(part)) copy = changed(copy, name as keyof typeof copy, encoded)
      return copy
    }
  }
}

function parameter(value: unknown): unknown {
  if (value instanceof Float32Array) return encodeField('vector', value)
  if (!Array.isArray(value)) return value
  return mapped(value, (element) =>
    element instanceof Float32Array ? vectorText(element) : element,
  )
}

function mapped(
  list: readonly unknown[],
  change: (element: unknown) => unknown,
): readonly unknown[] {
  const copy = list.map(change)
  return copy.some((element, i) => element !== list[i]) ? copy : list
}

function changed<T extends object, K extends keyof T>(
  node: T,
  name: K,
  change: (value: T[K]) => unknown,
): T {
  const value = change(node[name])
  return value === node[name] ? node : { ...node, [name]: value }
}
