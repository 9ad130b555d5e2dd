import { LshError } from './errors.js'

/** Messages and hints for errors of the file system, by the code of Node.js. */
const WORDS: Readonly<Record<string, readonly [problem: string, hint: string]>> = {
  ENOENT: [
    'does not exist',
    'Check how it is written; a relative path starts at the folder in which you run the command.',
  ],
  EACCES: [
    'may not be used by this user',
    'Change its owner or permissions, or name another place that you may use.',
  ],
  EPERM: [
    'may not be used by this user',
    'Change its owner or permissions, or name another place that you may use.',
  ],
  EROFS: ['is on a read-only disk', 'Name another place, or mount the disk for writing.'],
  ENOTDIR: ['has a file where a folder is needed', 'Name a place whose parts are folders.'],
  EEXIST: ['already exists as a file', 'Name another place, or move that file away.'],
  EISDIR: ['is a folder, where a file is meant', 'Name a file in it.'],
  ENOTEMPTY: ['is a folder that is not empty', 'Name another place, or empty it.'],
  ENOSPC: ['has no space left on its disk', 'Free some space, then run the same command again.'],
  EDQUOT: ['exceeds your disk quota', 'Free some space, then run the same command again.'],
  ENAMETOOLONG: ['is longer than the file system allows', 'Name a shorter path.'],
  EMFILE: [
    'cannot be opened while so many files are open',
    'Raise the limit, "ulimit -n 4096", and run it again.',
  ],
  ENFILE: [
    'cannot be opened while so many files are open',
    'Close other programs, and run it again.',
  ],
}

/** Converts an error of the file system to an LshError with a hint; returns any other error unchanged. */
export function fromFileError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof LshError) return error
  const { code = '', syscall, path, dest } = error as NodeJS.ErrnoException & { dest?: string }
  const words = WORDS[code]
  if (!words || syscall === undefined || path === undefined) return error
  const [problem, hint] = words
  return new LshError('bad_usage', `${dest ?? path} ${problem}`, { hint, cause: error })
}
