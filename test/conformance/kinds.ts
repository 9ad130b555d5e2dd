import { ctKinds } from './ct-kinds.js'
import { doseKinds } from './dose-kinds.js'
import { fileKinds } from './file-kinds.js'
import { frameKinds } from './frame-kinds.js'
import type { Kind } from './kind.js'
import { structureKinds } from './structure-kinds.js'

/** All kinds of sets, by what is special about them. */
export const kinds: Readonly<Record<string, readonly Kind[]>> = {
  'How images and dose lie': frameKinds,
  'What a dose is of, and in which unit': doseKinds,
  'Series of CT': ctKinds,
  'How structures are drawn': structureKinds,
  'How files are written, and whose they are': fileKinds,
}
