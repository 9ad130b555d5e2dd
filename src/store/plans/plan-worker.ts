import { answerTasks } from '../../core/threads.js'
import { readPrepared } from './read-prepared.js'

/** The thread that `loadPlans` starts: reads plans and makes all bytes that are stored of them. */
answerTasks(readPrepared)
