import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium, type Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { renderEvaluationPage } from '../../src/report/pages/evaluation-page.js'
import { madeUpRun } from './evaluation.js'

/** Possible paths of a browser; PG_LSH_CHROMIUM names another. */
const places = [
  process.env.PG_LSH_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]
const executablePath = places.find((place) => place !== undefined && existsSync(place))

describe.runIf(executablePath === undefined)('the evaluation page without a browser', () => {
  it.skip('is not tested, as no Chromium was found; PG_LSH_CHROMIUM may name one', () => undefined)
})

describe.runIf(executablePath !== undefined)('the evaluation page in a browser', () => {
  let browser: Browser
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pg-lsh-page-'))
    await writeFile(join(folder, 'index.html'), renderEvaluationPage([madeUpRun()]).html)
    browser = await chromium.launch({
      executablePath: executablePath as string,
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    })
  })

  afterAll(async () => {
    await browser.close()
    await rm(folder, { recursive: true })
  })

  it.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 390],
  ] as const)(
    'has no errors, requests nothing, and has no clipped or overlapping text: %s, %d px wide',
    async (colorScheme, width) => {
      const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 } })
      const address = pathToFileURL(join(folder, 'index.html')).href
      const [errors, requests]: [string[], string[]] = [[], []]
      page.on('pageerror', (error) => errors.push(error.message))
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text())
      })
      page.on('request', (request) => {
        if (!request.url().startsWith('data:')) requests.push(request.url())
      })
      await page.goto(address)
      expect(errors).toEqual([])
      expect(requests).toEqual([address])
      // This code runs in the page. It is a text, because this file has no types of a browser.
      const outside = await page.evaluate<string[]>(`
      [...document.querySelectorAll('.chart svg text')].flatMap((text) => {
        const own = text.getBoundingClientRect()
        const frame = text.closest('.wide').firstElementChild.getBoundingClientRect()
        const inside = own.left >= frame.left - 1 && own.right <= frame.right + 1 &&
          own.top >= frame.top - 1 && own.bottom <= frame.bottom + 1
        return inside ? [] : [text.closest('figure').id + ': ' + text.textContent]
      })`)
      expect(outside).toEqual([])
      const overlapping = await page.evaluate<string[]>(`
      [...document.querySelectorAll('.chart')].flatMap((figure) => {
        const texts = [...figure.querySelectorAll('svg text')].map((text) =>
          ({ own: text.getBoundingClientRect(), name: figure.id + ': ' + text.textContent }))
        return texts.flatMap(({ own, name }, i) => texts.slice(0, i)
          .filter(({ own: other }) =>
            Math.min(own.right, other.right) - Math.max(own.left, other.left) > 2 &&
            Math.min(own.bottom, other.bottom) - Math.max(own.top, other.top) > 4)
          .map((other) => name + ' / ' + other.name))
      })`)
      expect(overlapping).toEqual([])
      const wider = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
      expect(wider).toBeLessThanOrEqual(0)
      await page.close()
    },
  )
})
