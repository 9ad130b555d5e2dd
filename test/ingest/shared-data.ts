import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** The folder of shared data: PG_LSH_DATA, or `shared/data` beside the repository. */
const data = process.env.PG_LSH_DATA ?? resolve(import.meta.dirname, '../../../shared/data')

/** Published DICOM files; `null` if they are absent. */
export const dicomData = existsSync(join(data, 'dicom')) ? join(data, 'dicom') : null
