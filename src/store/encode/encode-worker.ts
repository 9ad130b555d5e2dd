import { workerData } from 'node:worker_threads'
import { answerTasks } from '../../core/threads.js'
import type { TrainedEncoder } from '../../encode/trained/trained-encoder.js'
import { encodeHere } from './encode-slices.js'

/** A thread of `sliceEncoder`: computes the features of stored slices with the encoder that it received. */
answerTasks(encodeHere(workerData as TrainedEncoder).run)
