import { workerData } from 'node:worker_threads'
import { answerTasks } from '../../core/threads.js'
import type { HashFamily } from '../../hash/family.js'
import { openHasher } from './hash-vectors.js'

/** A thread of `hashThreads`: hashes vectors with the families in its `workerData`. */
answerTasks(openHasher(workerData as readonly HashFamily[]))
