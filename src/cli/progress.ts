import cliProgress from 'cli-progress'
import type { Output } from './output.js'

/** Progress display of a long task. */
export interface Progress {
  /** Adds to the completed number; the note, shown at the end of the line, stays until the next one. */
  advance(count: number, note?: string): void
  /** Marks all as done; the remainder was already done before. */
  complete(): void
  /**
   * Ends the line with the final state. Call it in a `finally`: on a terminal, an unfinished progress keeps the process
   * alive.
   */
  finish(): void
}

/** Milliseconds between two lines without a terminal. */
const interval = 5000

/**
 * Shows the progress of a long task with its rate and remaining time: a bar on a terminal, otherwise a line at most
 * every five seconds and one at the end; nothing if quiet.
 *
 * @param expected the total number; null if unknown. If more are done, because others add work meanwhile, the total
 *   grows.
 */
export function startProgress(output: Output, label: string, expected: number | null): Progress {
  if (output.quiet)
    return { advance: () => undefined, complete: () => undefined, finish: () => undefined }
  let total = expected
  const started = performance.now()
  let done = 0
  let note = ''
  let open = true
  const line = () => progressLine(done, total, performance.now() - started, note)
  const view = output.stderr.isTTY === true ? bar(output, label, line) : lines(output, label, line)
  return {
    advance: (count, newNote) => {
      done += count
      if (total !== null) total = Math.max(total, done)
      note = newNote ?? note
      if (open) view.show(done, total)
    },
    complete: () => {
      total = done
    },
    finish: () => {
      if (!open) return
      open = false
      view.close()
      output.say(`${label}: ${finalLine(done, total, performance.now() - started)}`)
    },
  }
}

interface View {
  show(done: number, total: number | null): void
  close(): void
}

function lines(output: Output, label: string, line: () => string): View {
  let last = performance.now()
  return {
    show: () => {
      if (performance.now() - last < interval) return
      last = performance.now()
      output.say(`${label}: ${line()}`)
    },
    close: () => undefined,
  }
}

function bar(output: Output, label: string, line: () => string): View {
  const single = new cliProgress.SingleBar({
    stream: output.stderr,
    format: (options, params) =>
      `${label} ${cliProgress.Format.BarFormat(params.progress, options)} ${line()}`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 24,
    clearOnComplete: true,
    // Its own handler would swallow the first Ctrl-C; without a hidden cursor and cut lines there is
    // nothing to restore.
    gracefulExit: false,
    linewrap: true,
  })
  single.start(1, 0)
  return {
    show: (done, total) => {
      // Without a known total, there is no share to show.
      single.setTotal(total === null || total === 0 ? 1 : total)
      single.update(total === null ? 0 : done)
    },
    close: () => single.stop(),
  }
}

/** Completed and total number, rate, and remaining time at that rate. */
export function progressLine(
  done: number,
  total: number | null,
  elapsed: number,
  note = '',
): string {
  const reached = total === null ? String(done) : `${done}/${total} (${share(done, total)} %)`
  const parts = [reached, `${rate(done, elapsed)}/s`]
  if (total !== null && done > 0 && done < total)
    parts.push(`${duration(((total - done) * elapsed) / done)} left`)
  if (note !== '') parts.push(note)
  return parts.join(', ')
}

function finalLine(done: number, total: number | null, elapsed: number): string {
  const amount = total === null || done === total ? String(done) : `${done} of ${total}`
  return `${amount} in ${duration(elapsed)} (${rate(done, elapsed)}/s)`
}

/** A duration as text: `2.4 s`, `48 s`, `12 min`, `3.5 h`. */
export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  if (seconds < 119.5) return `${seconds.toFixed(0)} s`
  if (seconds < 7170) return `${(seconds / 60).toFixed(0)} min`
  return `${(seconds / 3600).toFixed(1)} h`
}

function share(done: number, total: number): number {
  return total > 0 ? Math.floor((100 * done) / total) : 100
}

function rate(done: number, elapsed: number): string {
  const perSecond = elapsed > 0 ? (1000 * done) / elapsed : 0
  return perSecond < 10 ? perSecond.toFixed(1) : perSecond.toFixed(0)
}
