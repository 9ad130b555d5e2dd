import { carries } from './carried.js'
import { OTHERS } from './dumping.js'

carries(OTHERS)
