import { carries } from './carried.js'
import { PARALLEL, PLAIN } from './dumping.js'

carries([PLAIN, PARALLEL])
