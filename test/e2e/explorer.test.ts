import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { dicomFile } from '../ingest/dicom/bytes.js'
import { startExplorer, type Started } from './explorer.js'

let started: Started
let page: Page

beforeAll(async () => {
  started = await startExplorer()
  page = await started.page({ viewport: { width: 1280, height: 800 } })
}, 120_000)

afterAll(async () => {
  await started.close()
})

afterEach(() => {
  // No errors in the page and no requests to other hosts.
  expect(started.errors.splice(0)).toEqual([])
})

const at = (path: string) => started.url.replace(/\/$/, '') + path
const tiles = (of = page) => of.locator('.tile')

/** Opens a page and waits for its results. */
async function open(path: string, of = page): Promise<void> {
  await of.goto(at(path))
  await tiles(of).first().waitFor()
  await settled(of)
}

/** Waits until nothing is loading and all slices are drawn. */
async function settled(of = page): Promise<void> {
  await of.waitForLoadState('networkidle')
  await until(
    `document.querySelectorAll('.waiting, .stale').length === 0 &&
     [...document.querySelectorAll('.tile canvas')].every((canvas) => canvas.dataset.item)`,
    of,
  )
}

/** Waits until an expression is true in the page. It is text, since this file lacks the types of a browser. */
async function until(expression: string, of = page): Promise<void> {
  await expect.poll(() => of.evaluate<boolean>(expression), { timeout: 15_000 }).toBe(true)
}

const names = () => page.locator('.tile .name').allTextContents()
const recall = async () => Number(await page.locator('[data-recall]').getAttribute('data-recall'))
const drawn = (selector: string) =>
  page.evaluate<string>(`document.querySelector('${selector}').toDataURL()`)
const parameter = (name: string) => new URL(page.url()).searchParams.get(name)

describe('the explorer', () => {
  it('leads from the start page to a plan similar to that of the query', async () => {
    await open('/')
    expect(await tiles().count()).toBe(12)
    expect(await page.locator('.summary').textContent()).toMatch(/12 neighbours in \d+ ms.*recall/)
    await tiles().first().click()
    const panel = page.getByRole('complementary', { name: 'Query and neighbour' })
    await panel.waitFor()
    expect(await panel.textContent()).toMatch(/\d+ of \d+.*bits|Differing bits/)
    await panel.getByLabel('In step').fill('1')
    expect(await panel.textContent()).toContain('In step +1')
    await panel.getByRole('button', { name: 'Dose', exact: true }).click()
    await panel.getByRole('link', { name: 'Compare the plans' }).click()
    await page.getByRole('heading', { name: 'Similar plans' }).waitFor()
    await page.getByRole('region', { name: 'Similar plans' }).waitFor()
    await page.locator('.bars').waitFor()
    await settled()
    expect(await page.locator('.chart canvas').count()).toBe(1)
    expect(
      await page.getByRole('region', { name: 'Similar plans' }).locator('tbody tr').count(),
    ).toBe(4)
    expect(await page.locator('.code pre').textContent()).toContain('cbir.similar_plans')
    await page.getByLabel(/^Slice \d+ of/).fill('3')
    expect(await page.locator('label[for=pair]').textContent()).toMatch(/^Slice 4 of/)
  })

  it('finds the slice of an uploaded DICOM file, and refuses other files', async () => {
    await open('/?k=4')
    const item = Number(parameter('item'))
    const answer = await fetch(at(`/api/v1/items/${item}/raster`))
    const hu = new Int16Array(await answer.arrayBuffer())
    const side = Number(answer.headers.get('x-rows'))
    const dicom = dicomFile({
      set: {
        '0020,0037': ['DS', '1\\0\\0\\0\\1\\0'],
        '0028,0010': ['US', [side]],
        '0028,0011': ['US', [side]],
        '0028,0101': ['US', [16]],
        '0028,0102': ['US', [15]],
      },
      pixels: Array.from(hu, (value) => value + 1024),
    })
    await page.getByLabel(/Or a file/).setInputFiles({
      name: 'slice.dcm',
      mimeType: 'application/dicom',
      buffer: Buffer.from(dicom),
    })
    await page.getByAltText('The query file').waitFor()
    await page.locator(`.tile canvas[data-item="${item}"]`).waitFor()
    expect(await page.locator('.tile .measure').first().textContent()).toMatch(/^0\.0\d\d/)
    await page.getByLabel(/Or a file/).setInputFiles({
      name: 'notes.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from('no image\n'),
    })
    await page.getByRole('alert').waitFor()
    expect(await page.getByRole('alert').textContent()).toContain('Unreadable file')
  })
})

describe('each control', () => {
  it('of the search changes the results', async () => {
    await open('/')
    await page.getByLabel('Neighbours', { exact: true }).fill('5')
    await page.keyboard.press('Tab')
    await until(`document.querySelectorAll('.tile').length === 5`)
    const usual = await names()
    await page.getByLabel('One of each patient').check()
    await until(
      `new Set([...document.querySelectorAll('.tile .name')].map((one) => one.textContent)).size === 4`,
    )
    await page.getByLabel('One of each patient').uncheck()
    await page.getByLabel('Include the same patient').check()
    const others = JSON.stringify(usual)
    await until(
      `[...document.querySelectorAll('.tile .name')].some((one) => !${others}.includes(one.textContent))`,
    )
    await page.getByLabel('Include the same patient').uncheck()
    const rankings = page.getByLabel('Ranking').locator('option')
    // Codes within cells, the default, cannot be ranked by the number of differing bits.
    expect(await rankings.allTextContents()).toEqual([
      'usual',
      'margins of those bits',
      'estimated distance',
    ])
    await page.getByLabel('Space').selectOption('second_axes')
    await settled()
    expect(await rankings.allTextContents()).toContain('differing bits')
    await page.getByLabel('Stage').selectOption('buckets')
    await page.getByLabel('Probes', { exact: true }).fill('1')
    await page.getByLabel('Re-ranked', { exact: true }).fill('1')
    await page.getByLabel('Ranking').selectOption('hamming')
    await settled()
    const [poor, text] = [await recall(), await page.locator('.code pre').textContent()]
    expect(text).toMatch(/lsh\.nearest.*stage => 'buckets'/s)
    await page.getByLabel('Stage').selectOption('exact')
    await until(`document.querySelector('[data-recall]').dataset.recall === '1'`)
    expect(poor).toBeLessThan(1)
    await page.getByRole('button', { name: 'Both' }).click()
    expect(await page.locator('.grid').count()).toBe(2)
    await page.getByLabel('Stage').selectOption('buckets')
    await page.locator('.tile.miss').first().waitFor()
    const space = await page.getByLabel('Space').inputValue()
    await page.getByLabel('Space').selectOption({ index: space === 'second_axes' ? 0 : 1 })
    await settled()
    expect(parameter('space')).not.toBe(space)
  })

  it('of the filter restricts the search', async () => {
    await open('/?k=4&dataset=synthetic')
    await page.getByLabel('Structure', { exact: true }).selectOption('SpinalCord')
    await settled()
    expect(await tiles().count()).toBe(4)
    await page.getByLabel('Prescription from, Gy').fill('100')
    await page.keyboard.press('Tab')
    await page.getByText('Nothing was found').waitFor()
    await page.getByRole('button', { name: 'No filter' }).click()
    await until(`document.querySelectorAll('.tile').length === 4`)
  })

  it('of the picture changes the drawing', async () => {
    await open('/?k=2')
    // A slice in the middle of the target has structures and dose.
    const plan = (await (await fetch(at('/api/v1/plans/1'))).json()) as {
      items: { item: number; doseMeanGy: number }[]
    }
    const { item } = plan.items.reduce((a, b) => (b.doseMeanGy > a.doseMeanGy ? b : a))
    await open(`/?k=2&item=${item}`)
    const seen = new Set([await drawn('.controls canvas')])
    const changes: (() => Promise<unknown>)[] = [
      () => page.getByRole('checkbox', { name: 'Isodose lines' }).uncheck(),
      () => page.getByLabel('Structures', { exact: true }).check(),
      () => page.getByLabel('Dose in colour').check(),
      () => page.getByLabel('Fit to body').uncheck(),
      () => page.getByLabel('Window').selectOption('400 1800'),
      () => page.getByRole('checkbox', { name: 'Isodose lines' }).check(),
      () =>
        page
          .getByLabel('Levels', { exact: true })
          .fill('40, 80')
          .then(() => page.keyboard.press('Tab')),
      () => page.getByLabel('Levels in').selectOption('gy'),
    ]
    for (const [i, change] of changes.entries()) {
      await change()
      await page.waitForTimeout(80)
      seen.add(await drawn('.controls canvas'))
      expect(seen.size, `change ${i}`).toBe(i + 2)
    }
    expect(await page.getByRole('list', { name: 'Isodose lines' }).first().textContent()).toContain(
      '20 Gy',
    )
    await page.locator('.controls canvas').scrollIntoViewIfNeeded()
    const box = await page.locator('.controls canvas').boundingBox()
    if (!box) throw new Error('the query is not shown')
    await page.mouse.move(box.x + 50, box.y + 50)
    await page.mouse.down()
    await page.mouse.move(box.x + 90, box.y + 20, { steps: 4 })
    await page.mouse.up()
    expect([parameter('width'), parameter('level')]).toEqual(['1920', '460'])
    await page.mouse.wheel(0, 100)
    await until(`!location.search.includes('item=${item}')`)
  })
})

describe('a user', () => {
  it('can go through the results with the keyboard', async () => {
    await open('/?k=3')
    await tiles().first().focus()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Enter')
    await page.getByRole('complementary', { name: 'Query and neighbour' }).waitFor()
    expect(await tiles().nth(1).getAttribute('aria-pressed')).toBe('true')
    await page.getByRole('button', { name: 'Close' }).focus()
    await page.keyboard.press('Enter')
    expect(parameter('pick')).toBe(null)
  })

  it('can zoom the map, see the neighbours of an item on it and search with that item', async () => {
    await page.goto(at('/map'))
    const map = page.getByRole('application')
    await map.waitFor()
    await settled()
    const before = await drawn('.map canvas')
    await map.focus()
    await page.keyboard.press('+')
    await page.waitForTimeout(80)
    expect(await drawn('.map canvas')).not.toBe(before)
    await page.keyboard.press('0')
    const { items } = (await (await fetch(at('/api/v1/items?limit=1'))).json()) as {
      items: { item: number }[]
    }
    await page.goto(at(`/map?item=${items[0]?.item ?? 0}`))
    await page.getByRole('heading', { name: 'Its neighbours' }).waitFor()
    await page.getByLabel('Colour by').selectOption('dose')
    await page.getByRole('link', { name: 'Search with this' }).click()
    await tiles().first().waitFor()
  })

  it('sees an alert for a missing item or plan, and can measure recall', async () => {
    await page.goto(at('/?item=999999'))
    await page.getByRole('alert').first().waitFor()
    await page.goto(at('/plan?id=999999'))
    await page.getByRole('alert').first().waitFor()
    await page.goto(at('/nowhere'))
    await page.getByText('There is no such page').waitFor()
    await page.goto(at('/evaluation'))
    await page.getByText('No evaluation is stored yet').waitFor()
    await page.getByRole('button', { name: 'Measure' }).click()
    await page.getByText('recall@10').waitFor()
  })

  it.each([
    ['light', 1280],
    ['dark', 1920],
    ['light', 820],
  ] as const)(
    'meets no accessibility violation and no horizontal scrolling: %s, %d px wide',
    async (colorScheme, width) => {
      const axe = await readFile(
        createRequire(import.meta.url).resolve('axe-core/axe.min.js'),
        'utf8',
      )
      const own = await started.page({ colorScheme, viewport: { width, height: 1000 } })
      for (const path of [
        '/?k=3',
        '/?k=3&show=both&pick=1',
        '/plans',
        '/plan?id=1',
        '/map',
        '/evaluation',
      ]) {
        await own.goto(at(path))
        await own.waitForLoadState('networkidle')
        const found = await own.evaluate<string[]>(`${axe};
        axe.run({ iframes: false }).then(({ violations }) => violations
          .filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))`)
        expect(found, path).toEqual([])
        const wider = await own.evaluate<number>(
          'document.documentElement.scrollWidth - innerWidth',
        )
        expect(wider, path).toBeLessThanOrEqual(0)
      }
      await own.context().close()
    },
  )
})

describe('a long session', () => {
  it('of 200 searches uses hardly more memory than one of 40', async () => {
    const own = await started.page({ viewport: { width: 1280, height: 800 } })
    await open('/?k=1', own)
    const session = await own.context().newCDPSession(own)
    await session.send('HeapProfiler.enable')
    const { items } = (await (await fetch(at('/api/v1/items?limit=200'))).json()) as {
      items: { item: number }[]
    }
    const search = async (from: number, to: number) => {
      for (const { item } of items.slice(from, to))
        await own.evaluate<unknown>(`new Promise((done) => {
          history.replaceState(null, '', '/?k=1&item=${item}')
          dispatchEvent(new Event('explorer:moved'))
          const look = () => document.querySelector('.code pre')?.textContent.includes('(${item},')
            ? done() : setTimeout(look, 10)
          look()
        })`)
      await session.send('HeapProfiler.collectGarbage')
      return own.evaluate<{ heap: number; nodes: number }>(
        `({ heap: performance.memory.usedJSHeapSize, nodes: document.querySelectorAll('*').length })`,
      )
    }
    const early = await search(0, 40)
    const late = await search(40, 200)
    expect(late.nodes).toBeLessThan(early.nodes + 50)
    // Room for the cached slices, and no more.
    expect(late.heap - early.heap).toBeLessThan(20 << 20)
    await own.context().close()
  })

  it('ends with exit code 0 on Ctrl-C', async () => {
    expect(await started.interrupt()).toBe(0)
  })
})
