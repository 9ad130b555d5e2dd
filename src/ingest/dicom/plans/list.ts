import { dirname } from 'node:path/posix'
import { LshError } from '../../../core/errors.js'
import { distinctObjects } from './doubles.js'
import { readHeader, type DicomHeader } from './header.js'
import { joinPlans, type JoinedPlans, type JoinOptions } from './join.js'
import { nameHider, type Identity } from '../../files/hide-names.js'
import { walkFiles, type LeftOut } from '../../files/walk-files.js'

export interface ListDicomOptions extends Omit<JoinOptions, 'disputed'> {
  /** Called after each file with the number of files so far. (Default: none) */
  onFile?: (files: number) => void
}

/**
 * Finds the plans in folders and zip archives, whatever the arrangement of their files. Only reads headers. Files that
 * belong to no plan are returned with a reason.
 */
export async function listDicom(
  paths: readonly string[],
  options: ListDicomOptions,
): Promise<JoinedPlans> {
  const { onFile, ...joining } = options
  const found: DicomHeader[] = []
  const unread: LeftOut[] = []
  let files = 0
  for await (const file of walkFiles(paths)) {
    if ('reason' in file) unread.push(file)
    else
      try {
        found.push(await readHeader(file))
      } catch (error) {
        if (!(error instanceof LshError) || error.code !== 'bad_input') throw error
        const { name } = file.place
        const reason = error.message.slice(name.length).replace(/^:? /, '')
        unread.push({ file: name, reason, hint: error.hint })
      }
    onFile?.(++files)
  }
  const hide = hiderOf(found)
  const hidden = found.map((header) => {
    const name = hide(header.place.name, header.patient.identity)
    return { ...header, place: { ...header.place, name } }
  })
  const { headers, disputed, leftOut } = await distinctObjects(hidden)
  const joined = joinPlans(headers, { ...joining, disputed })
  const others = unread.map((one) => ({ ...one, file: hide(one.file, null) }))
  return { sources: joined.sources, leftOut: [...others, ...leftOut, ...joined.leftOut] }
}

/** Most patients of a folder whose names are removed from the names of all its files. */
const mostPatients = 8

/**
 * Archives often name folders and files after patients, and messages name files. The identifying values of a file are
 * removed from its name, and those of a folder's files from all names in it.
 */
function hiderOf(headers: readonly DicomHeader[]) {
  const known = new Map<string, Map<string, Identity>>()
  for (const { place, patient } of headers)
    for (let folder = dirname(place.name); ; folder = dirname(folder)) {
      const identities = known.get(folder) ?? new Map<string, Identity>()
      identities.set(patient.key + JSON.stringify(patient.identity), patient.identity)
      known.set(folder, identities)
      if (folder === '.') break
    }
  const hiders = new Map<string, (name: string) => string>()
  return (name: string, own: Identity | null): string => {
    const folder = knownNear(dirname(name))
    const near = [...(known.get(folder)?.values() ?? [])]
    const all = own === null ? near : [own, ...(near.length > mostPatients ? [] : near)]
    const key = `${folder}\0${JSON.stringify(own)}`
    const hider = hiders.get(key) ?? nameHider(all)
    hiders.set(key, hider)
    return hider(name)
  }

  /** A folder, or the nearest parent, that holds readable files. */
  function knownNear(folder: string): string {
    if (known.has(folder) || folder === '.') return folder
    return knownNear(dirname(folder))
  }
}
