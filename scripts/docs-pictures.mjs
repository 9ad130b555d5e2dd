// npm run docs:pictures: draws the pictures of README and docs/ from a synthetic demonstration, in Chromium.
// PG_LSH_CHROMIUM names a browser that is not at its usual place. Look at the pictures before you commit them.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { prepare, root, run } from './setup.mjs'

await prepare()
const { chromium } = await import('playwright-core')
const { default: sharp } = await import('sharp')

const main = join(root, 'dist/cli/main.js')
const docs = join(root, 'docs')
const folder = mkdtempSync(join(tmpdir(), 'pg-lsh-pictures-'))
const db = join(folder, 'db')
const report = join(folder, 'page.html')
const size = { width: 1280, height: 800 }

try {
  const code = await run(process.execPath, [main, '--db', db, 'demo', '--report', report])
  if (code !== 0) throw new Error('the demonstration failed')
  const browser = await chromium.launch({
    executablePath: process.env.PG_LSH_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  })
  try {
    await retrievalPage(browser)
    await explorer(browser)
  } finally {
    await browser.close()
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** The query and its nearest neighbour, with the legends above them. */
async function retrievalPage(browser) {
  const page = await browser.newPage({ viewport: { width: 1600, height: 1200 } })
  await page.goto(pathToFileURL(report).href)
  const panel = page.locator('figure.panel').first()
  const [first, second] = [0, 1].map((at) => panel.locator('.tiles > *').nth(at))
  const [top, left, right] = [
    await panel.boundingBox(),
    await first.boundingBox(),
    await second.boundingBox(),
  ]
  const bottom = Math.max(left.y + left.height, right.y + right.height)
  const clip = {
    x: left.x,
    y: top.y,
    width: right.x + right.width - left.x,
    height: bottom - top.y,
  }
  const png = await page.screenshot({ clip, fullPage: true })
  await sharp(png).png({ palette: true }).toFile(join(docs, 'retrieval-page.png'))
}

/** A search with a neighbour beside the query, the plan of the query, and the map. */
async function explorer(browser) {
  const server = spawn(process.execPath, [main, '--db', db, 'serve', '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]()
  const url = (await lines.next()).value.replace(/\/$/, '')
  try {
    const page = await browser.newPage({ viewport: size })
    // The first search of a session plans its statements: the picture shows a later one.
    for (const item of [154, 155]) {
      await page.goto(`${url}/?space=joint_shallow&item=${item}`)
      await page.locator('.tile').first().waitFor()
      await settled(page)
    }
    await page.getByLabel('Structures', { exact: true }).check()
    await page.locator('.tile').nth(1).click()
    const panel = page.getByRole('complementary', { name: 'Query and neighbour' })
    await panel.waitFor()
    await draw(page, 'explorer-search')
    await panel.getByRole('link', { name: 'Compare the plans' }).click()
    await page.getByRole('region', { name: 'Similar plans' }).locator('tbody tr').first().waitFor()
    await draw(page, 'explorer-plan')
    await page.getByRole('link', { name: 'Map', exact: true }).click()
    await draw(page, 'explorer-map')
  } finally {
    server.kill('SIGINT')
    await once(server, 'exit')
  }
}

async function draw(page, name) {
  await settled(page)
  // A control that was used has scrolled its column.
  await page.evaluate(() => document.querySelectorAll('*').forEach((one) => (one.scrollTop = 0)))
  const png = await page.screenshot()
  await sharp(png)
    .webp({ quality: 80 })
    .toFile(join(docs, `${name}.webp`))
}

/** Waits until nothing is being loaded and the last frames are drawn. */
async function settled(page) {
  await page.waitForLoadState('networkidle')
  await page.waitForFunction(() => document.querySelectorAll('.waiting, .stale').length === 0)
  await page.waitForTimeout(1000)
}
