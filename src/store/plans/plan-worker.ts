import { answerTasks } from '../../core/threads.js'
import { readPrepared } from './read-prepared.js'

/** A thread of `readAhead`: reads plans and prepares them for storage. */
answerTasks(readPrepared)
