import { workerData } from 'node:worker_threads'
import { answerTasks } from '../../core/threads.js'
import { openGroups } from './parquet-groups.js'
import type { RowNames } from './vector-rows.js'

/** A thread of `parquetFile`: reads row groups of the file in its `workerData`. */
const { path, names } = workerData as { readonly path: string; readonly names: RowNames }
const opened = openGroups(path, names)
// The task that needs the file reports why it could not be opened.
opened.catch(() => undefined)
answerTasks(async (group: number) => (await opened).block(group))
