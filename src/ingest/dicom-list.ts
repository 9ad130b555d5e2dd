import { dirname } from 'node:path/posix'
import { LshError } from '../core/errors.js'
import { readHeader, type DicomHeader } from './dicom-header.js'
import { joinPlans, type JoinedPlans } from './dicom-join.js'
import type { Pseudonymise } from './pseudonym.js'
import { walkFiles, type LeftOut } from './walk-files.js'

export interface ListDicomOptions {
  /** Names of patients and plans. */
  pseudonymise: Pseudonymise
  /** Called after each file with how many were looked at. (Default: nothing) */
  onFile?: (files: number) => void
}

/**
 * Finds the plans in folders and zip archives, wherever and in whatever order their files stand
 * there. Only headers are read. What belongs to no plan is left out and says why.
 */
export async function listDicom(
  paths: readonly string[],
  options: ListDicomOptions,
): Promise<JoinedPlans> {
  const { pseudonymise, onFile } = options
  const headers: DicomHeader[] = []
  const leftOut: LeftOut[] = []
  let files = 0
  for await (const found of walkFiles(paths)) {
    if ('reason' in found) leftOut.push(found)
    else
      try {
        headers.push(await readHeader(found))
      } catch (error) {
        if (!(error instanceof LshError) || error.code !== 'bad_input') throw error
        const file = found.place.name
        leftOut.push({ file, reason: error.message.slice(file.length).replace(/^:? /, '') })
      }
    onFile?.(++files)
  }
  const hide = nameHider(headers)
  const joined = joinPlans(
    headers.map((header) => ({
      ...header,
      place: { ...header.place, name: hide(header.place.name, header.identity) },
    })),
    pseudonymise,
  )
  const unread = leftOut.map(({ file, reason }) => ({ file: hide(file, []), reason }))
  return { sources: joined.sources, leftOut: [...unread, ...joined.leftOut] }
}

/**
 * Archives often name folders and files after patients, and messages name files. Whatever the files
 * of a folder tell of their patients is struck out of the names in it.
 */
function nameHider(headers: readonly DicomHeader[]) {
  const known = new Map<string, Set<string>>()
  for (const { place, identity } of headers)
    for (let folder = dirname(place.name); ; folder = dirname(folder)) {
      const parts = known.get(folder) ?? new Set()
      for (const part of identity) parts.add(part)
      known.set(folder, parts)
      if (folder === '.') break
    }
  return (name: string, identity: readonly string[]): string => {
    const parts = identity.length > 0 ? identity : knownNear(dirname(name))
    return [...parts]
      .sort((a, b) => b.length - a.length)
      .reduce((hidden, part) => hidden.replaceAll(new RegExp(escaped(part), 'gi'), '…'), name)
  }

  /** What is known in a folder, or in the nearest one around it that holds readable files. */
  function knownNear(folder: string): Iterable<string> {
    const parts = known.get(folder)
    if (parts !== undefined || folder === '.') return parts ?? []
    return knownNear(dirname(folder))
  }
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
