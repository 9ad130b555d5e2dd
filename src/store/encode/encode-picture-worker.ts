import { workerData } from 'node:worker_threads'
import { answerTasks } from '../../core/threads.js'
import type { PicturePreprocessing } from '../../encode/frames/picture-frame.js'
import type { TrainedEncoder } from '../../encode/trained/trained-encoder.js'
import { encodePicturesHere } from './encode-pictures.js'

/** The thread that turns stored images or neurons into features by the encoder it was given. */
answerTasks(encodePicturesHere(workerData as TrainedEncoder<PicturePreprocessing>).run)
