import { workerData } from 'node:worker_threads'
import { answerTasks } from '../../core/threads.js'
import type { PicturePreprocessing } from '../../encode/frames/picture-frame.js'
import type { TrainedEncoder } from '../../encode/trained/trained-encoder.js'
import { encodePicturesHere } from './encode-pictures.js'

/**
 * A thread of `pictureEncoder`: computes the features of stored images or neurons with the encoder that it received.
 */
answerTasks(encodePicturesHere(workerData as TrainedEncoder<PicturePreprocessing>).run)
