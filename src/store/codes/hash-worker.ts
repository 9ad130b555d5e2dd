import { workerData } from 'node:worker_threads'
import { answerTasks } from '../../core/threads.js'
import type { HashFamily } from '../../hash/family.js'
import { openHasher } from './hash-vectors.js'

/** The thread that `loadVectors` starts: hashes vectors by the families it was given. */
answerTasks(openHasher(workerData as readonly HashFamily[]))
