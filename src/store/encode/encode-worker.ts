import { workerData } from 'node:worker_threads'
import { answerTasks } from '../../core/threads.js'
import type { TrainedEncoder } from '../../encode/trained/trained-encoder.js'
import { encodeHere } from './encode-slices.js'

/** The thread that `encodeSpace` starts: turns stored slices into features by the encoder it was given. */
answerTasks(encodeHere(workerData as TrainedEncoder).run)
