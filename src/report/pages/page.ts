import { markup } from '../drawing/markup.js'
import type { Markup } from '../drawing/markup.js'
import { STYLE_SHEET } from './style-sheet.js'

/**
 * A whole, self-contained HTML page around its content: no script, no font, nothing to fetch. `styles` follow those of
 * all pages.
 */
export function renderPage(title: string, content: Markup, styles = ''): string {
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>
${{ markup: STYLE_SHEET + styles }}</style>
</head>
<body>
${content}
</body>
</html>
`
  return page.markup
}
