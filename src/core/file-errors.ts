import { LshError } from './errors.js'

/** What the file system said, and what to do about it, by the code that Node gives. */
const WORDS: Readonly<Record<string, readonly [problem: string, hint: string]>> = {
  ENOENT: [
    'does not exist',
    'Check how it is written; a relative path begins in the folder that this was started in.',
  ],
  EACCES: [
    'may not be used by this user',
    'Change its owner or permissions, or name another place that you may use.',
  ],
  EPERM: [
    'may not be used by this user',
    'Change its owner or permissions, or name another place that you may use.',
  ],
  EROFS: [
    'is on a disk that nothing is written to',
    'Name another place, or mount the disk for writing.',
  ],
  ENOTDIR: ['goes through a file as if it were a folder', 'Name a place whose parts are folders.'],
  EEXIST: ['is there already, as a file', 'Name another place, or move that file away.'],
  EISDIR: ['is a folder, where a file is meant', 'Name a file in it.'],
  ENOTEMPTY: ['is a folder with something in it', 'Name another place, or empty it.'],
  ENOSPC: ['finds no space left on its disk', 'Free some space, then run the same command again.'],
  EDQUOT: ['finds your quota used up', 'Free some space, then run the same command again.'],
  ENAMETOOLONG: ['is longer than the file system takes', 'Name a shorter path.'],
  EMFILE: ['finds too many files open', 'Raise the limit, "ulimit -n 4096", and run it again.'],
  ENFILE: ['finds too many files open', 'Close other programs, and run it again.'],
}

/** An error of the file system as one of ours, with what to do about it; any other error as it is. */
export function fromFileError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof LshError) return error
  const { code = '', syscall, path, dest } = error as NodeJS.ErrnoException & { dest?: string }
  const words = WORDS[code]
  if (!words || syscall === undefined || path === undefined) return error
  const [problem, hint] = words
  return new LshError('bad_usage', `${dest ?? path} ${problem}`, { hint, cause: error })
}
