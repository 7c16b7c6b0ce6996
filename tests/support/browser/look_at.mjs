// Shows pages of an unpacked book in headless Chromium as a reading application does, measures them and
// takes pictures. The order comes as JSON on standard input, what was measured goes as JSON to standard output:
//
//   { folder, chromium, views: [{ href, to, width, height, scale, dark, png }] }
//
// "to" is a selector that is brought into the middle, or null; "png" a path, or null for no picture. Each
// view gives { outside, overlaps, faint, lowest }: texts that lie beyond the page's sides, pairs of blocks
// whose lines lie over each other, texts with a contrast under 4.5, and the lowest contrast.

import { createServer } from 'node:http'
import { readFile } from 'node:fs/promises'
import { extname, join, normalize } from 'node:path'
import puppeteer from 'puppeteer-core'

const TYPES = {
  '.xhtml': 'application/xhtml+xml; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.jpg': 'image/jpeg',
}
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--hide-scrollbars', '--no-first-run']
// What a reading application sets: margins, a face, a size, and at night its own two colours.
const SETTINGS = `
  html { padding: 0; font-family: "Liberation Serif", serif; font-size: 18px; line-height: 1.45; }
  body { margin: 24px; }
  img { max-width: calc(100vw - 48px) !important; max-height: calc(100vh - 48px) !important; }`
const NIGHT = 'html { background: #121212; color: #d6d6d6; } a { color: #9ec1ff; }'
const DAY = 'html { background: #ffffff; color: #000000; }'

const order = JSON.parse(await readFile('/dev/stdin', 'utf8'))

const server = createServer(async (request, response) => {
  try {
    const { pathname } = new URL(request.url, 'http://127.0.0.1')
    const content = await readFile(join(order.folder, normalize(decodeURIComponent(pathname))))
    response.writeHead(200, { 'Content-Type': TYPES[extname(pathname)] ?? 'application/octet-stream' })
    response.end(content)
  } catch {
    response.writeHead(404).end()
  }
})
await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))

function measure() {
  const width = document.documentElement.clientWidth
  const said = node => node.textContent.trim().slice(0, 60)
  const texts = []
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const node = walker.currentNode
    if (!node.textContent.trim() || getComputedStyle(node.parentElement).visibility === 'hidden') continue
    const range = document.createRange()
    range.selectNodeContents(node)
    const rects = [...range.getClientRects()].filter(rect => rect.width > 0 && rect.height > 0)
    if (rects.length) texts.push({ node, rects })
  }
  const outside = texts
    .filter(({ rects }) => rects.some(rect => rect.left < -0.5 || rect.right > width + 0.5))
    .map(({ node }) => said(node))
  for (const element of document.querySelectorAll('img, hr')) {
    const rect = element.getBoundingClientRect()
    const tall = rect.height > window.innerHeight + 0.5
    if (tall || rect.left < -0.5 || rect.right > width + 0.5) outside.push(element.tagName)
  }

  function block(node) {
    let element = node.parentElement
    while (getComputedStyle(element).display.startsWith('inline')) element = element.parentElement
    return element
  }
  const blocks = new Map()
  for (const { node, rects } of texts) {
    const key = block(node)
    blocks.set(key, [...(blocks.get(key) ?? []), ...rects])
  }
  const lines = [...blocks].map(([element, rects]) => ({
    element,
    left: Math.min(...rects.map(rect => rect.left)),
    right: Math.max(...rects.map(rect => rect.right)),
    top: Math.min(...rects.map(rect => rect.top)),
    bottom: Math.max(...rects.map(rect => rect.bottom)),
  }))
  lines.sort((one, other) => one.top - other.top)
  const overlaps = []
  lines.forEach((one, index) => {
    for (const other of lines.slice(index + 1)) {
      if (other.top >= one.bottom - 1) break
      const nested = one.element.contains(other.element) || other.element.contains(one.element)
      const beside = other.left >= one.right - 1 || other.right <= one.left + 1
      if (!beside && !nested) overlaps.push([said(one.element), said(other.element)])
    }
  })

  const channels = colour => colour.match(/[\d.]+/g).map(Number)
  function shade(element) {
    for (let at = element; at; at = at.parentElement) {
      const [red, green, blue, alpha = 1] = channels(getComputedStyle(at).backgroundColor)
      if (alpha > 0) return [red, green, blue]
    }
    return [255, 255, 255]
  }
  function luminance(colour) {
    const [red, green, blue] = colour.map(value => {
      const part = value / 255
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const faint = []
  let lowest = 21
  for (const { node } of texts) {
    const style = getComputedStyle(node.parentElement)
    const [red, green, blue, alpha = 1] = channels(style.color)
    const behind = shade(node.parentElement)
    const through = alpha * Number(style.opacity)
    const shown = [red, green, blue].map((value, index) => value * through + behind[index] * (1 - through))
    const pair = [luminance(shown), luminance(behind)].sort((one, other) => other - one)
    const contrast = (pair[0] + 0.05) / (pair[1] + 0.05)
    lowest = Math.min(lowest, contrast)
    if (contrast < 4.5) faint.push(said(node))
  }
  return { outside, overlaps, faint, lowest: Math.round(lowest * 100) / 100 }
}

const browser = await puppeteer.launch({ executablePath: order.chromium, headless: true, args: FLAGS })
try {
  const page = await browser.newPage()
  const found = []
  for (const view of order.views) {
    const { width, height, scale } = view
    await page.setViewport({ width, height, deviceScaleFactor: scale })
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: view.dark ? 'dark' : 'light' }])
    await page.goto(`http://127.0.0.1:${server.address().port}/${view.href}`)
    await page.addStyleTag({ content: SETTINGS + (view.dark ? NIGHT : DAY) })
    if (view.to) await page.$eval(view.to, element => element.scrollIntoView({ block: 'center' }))
    found.push(await page.evaluate(measure))
    if (view.png) await page.screenshot({ path: view.png })
  }
  console.log(JSON.stringify(found))
} finally {
  await browser.close()
  server.close()
}
