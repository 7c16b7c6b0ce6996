// Opens a book in a real reading system in headless Chromium. The order comes as JSON on standard
// input, the answer goes as JSON to standard output:
//
//   { book, reader: "foliate" | "epubjs", chromium, width, height, words }     follows every entry
//   { …, shots: [{ href, png }] }                                               takes pictures instead
//   { …, pages: [href] }                                        follows every link of these pages instead
//
// Everything is served on loopback; whatever else the book asks for is refused and named in "outside".

import { createServer } from 'node:http'
import { readFile } from 'node:fs/promises'
import { dirname, extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import puppeteer from 'puppeteer-core'

const HERE = dirname(fileURLToPath(import.meta.url))
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.epub': 'application/epub+zip',
}
const FLAGS = [
  '--no-sandbox', // Chromium refuses to run as root otherwise
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
]

const order = JSON.parse(await readFile('/dev/stdin', 'utf8'))

function fileFor(path) {
  if (path === '/book.epub') return order.book
  const inside = normalize(path).replace(/^\/modules\//, '/node_modules/')
  return join(HERE, inside)
}

const server = createServer(async (request, response) => {
  try {
    const { pathname } = new URL(request.url, 'http://127.0.0.1')
    const content = await readFile(fileFor(decodeURIComponent(pathname)))
    response.writeHead(200, { 'Content-Type': TYPES[extname(pathname)] ?? 'application/octet-stream' })
    response.end(content)
  } catch {
    response.writeHead(404).end()
  }
})
await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
const origin = `http://127.0.0.1:${server.address().port}`

const browser = await puppeteer.launch({ executablePath: order.chromium, headless: true, args: FLAGS })
try {
  const page = await browser.newPage()
  await page.setViewport({ width: order.width, height: order.height })
  const errors = []
  const outside = []
  const links = []
  page.on('pageerror', error => errors.push(String(error)))
  page.on('console', message => message.type() === 'error' && errors.push(message.text()))
  page.on('request', request => {
    const url = request.url()
    if (!url.startsWith(origin) && !/^(blob|data|about):/.test(url)) outside.push(url)
  })
  await page.goto(`${origin}/${order.reader}.html`)
  await page.waitForFunction('window.follow')
  const { entries, ...metadata } = await page.evaluate(() => window.openBook())
  if (order.shots) {
    for (const { href, png } of order.shots) {
      await page.evaluate(href => window.follow(href, 1), href)
      await new Promise(resolve => setTimeout(resolve, 300)) // pictures and columns settle
      await page.screenshot({ path: png })
    }
  } else if (order.pages) {
    const reached = new Map() // many pages lead to the same place
    for (const href of order.pages) {
      for (const link of await page.evaluate(href => window.linksOf(href), href)) {
        if (link.href && !reached.has(link.href)) {
          reached.set(link.href, await page.evaluate((to, count) => window.follow(to, count), link.href, order.words))
        }
        links.push({ page: href, ...link, all: reached.get(link.href)?.all ?? [] })
      }
    }
  } else {
    for (const entry of entries) {
      const found = await page.evaluate((href, count) => window.follow(href, count), entry.href, order.words)
      Object.assign(entry, found)
    }
  }
  console.log(JSON.stringify({ ...metadata, entries, links, errors, outside }))
} finally {
  await browser.close()
  server.close()
}
