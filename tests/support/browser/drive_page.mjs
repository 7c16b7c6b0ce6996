// Drives a page in headless Chromium. The order comes as JSON on standard input, what each step found
// goes as JSON to standard output:
//
//   { url, chromium, width, height, dark, touch, scripts, steps }
//
// A step is one of { press: key }, { type: text }, { click: selector }, { follow: selector } (a click that leads
// to another page), { save: selector }, { point: [x, y] }, { wait: expression }, { find: expression },
// { shot: path }, { axe: true }, { open: address }, { write: [path, text] }. A find gives the expression's value,
// an axe its violations, a save the size and name of what the link gives. Addresses that are not the server's
// are refused and named in "outside".

import { readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import puppeteer from 'puppeteer-core'

const FLAGS = [
  '--no-sandbox', // Chromium refuses to run as root otherwise
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
]
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

const order = JSON.parse(await readFile('/dev/stdin', 'utf8'))
const origin = new URL(order.url).origin

async function audit(page) {
  // Through the debugger: the page's own policy lets no foreign script in.
  await page.evaluate(await readFile(AXE, 'utf8'))
  const { violations } = await page.evaluate(
    tags => window.axe.run(document, { runOnly: tags }),
    TAGS,
  )
  return violations.map(({ id, help, nodes }) => ({ id, help, nodes: nodes.map(n => n.html.slice(0, 200)) }))
}

async function click(page, selector) {
  // What is fixed stays where it is; all else is brought from under it.
  await page.$eval(selector, element => element.scrollIntoView({ block: 'center' }))
  await page.click(selector)
}

/** The size of the file that a link gives, and its name; the browser would ask where to put it. */
async function download(page, selector) {
  const address = await page.$eval(selector, link => link.href)
  const answer = await fetch(address)
  const { byteLength } = await answer.arrayBuffer()
  return { size: byteLength, name: answer.headers.get('content-disposition') }
}

async function take(page, step) {
  if ('press' in step) return void (await page.keyboard.press(step.press))
  if ('type' in step) return void (await page.keyboard.type(step.type))
  if ('click' in step) return click(page, step.click)
  if ('follow' in step) {
    await Promise.all([page.waitForNavigation({ timeout: 20000 }), click(page, step.follow)])
    return
  }
  if ('save' in step) return download(page, step.save)
  if ('point' in step) return void (await page.mouse.click(...step.point))
  if ('wait' in step) return void (await page.waitForFunction(step.wait, { timeout: 20000 }))
  if ('find' in step) return page.evaluate(step.find)
  if ('shot' in step) return void (await page.screenshot({ path: step.shot }))
  if ('open' in step) return void (await page.goto(new URL(step.open, page.url()).href))
  if ('write' in step) return writeFile(...step.write)
  if ('axe' in step) return audit(page)
  throw new Error(`no such step: ${JSON.stringify(step)}`)
}

const browser = await puppeteer.launch({ executablePath: order.chromium, headless: true, args: FLAGS })
try {
  const page = await browser.newPage()
  await page.setJavaScriptEnabled(order.scripts ?? true)
  await page.setViewport({
    width: order.width,
    height: order.height,
    hasTouch: order.touch,
    isMobile: order.touch,
    deviceScaleFactor: order.touch ? 2 : 1,
  })
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: order.dark ? 'dark' : 'light' }])
  const errors = []
  const outside = []
  page.on('pageerror', error => errors.push(String(error)))
  page.on('console', message => message.type() === 'error' && errors.push(message.text()))
  page.on('request', request => request.url().startsWith(origin) || outside.push(request.url()))
  await page.goto(order.url)
  const found = []
  for (const step of order.steps) {
    const value = await take(page, step)
    if ('find' in step || 'axe' in step || 'save' in step) found.push(value ?? null)
  }
  console.log(JSON.stringify({ found, errors, outside }))
} finally {
  await browser.close()
}
