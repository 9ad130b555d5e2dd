import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** The folder of the data that stand beside the repository, or where PG_LSH_DATA says. */
const data = process.env.PG_LSH_DATA ?? resolve(import.meta.dirname, '../../../shared/data')

/** Published DICOM files; `null` where they are absent. */
export const dicomData = existsSync(join(data, 'dicom')) ? join(data, 'dicom') : null
