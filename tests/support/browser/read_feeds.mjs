// Reads a catalogue as a reading program does: from its start through every way on, page after page, then a
// search, and takes books. The order comes as JSON on standard input, the answer goes as JSON to standard output:
//
//   { start, version: 1 | 2, reader: "thorium" | "foliate", query, chromium }
//
// "thorium" is r2-opds-js, the library of Thorium Reader; "foliate" is foliate-js, in headless Chromium, which
// reads OPDS 1.2 (2.0 needs no parser of its own there, but its search template does).

import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'

const HERE = dirname(fileURLToPath(import.meta.url))
const MOST_FEEDS = 200
const ACCEPT = ['application/atom+xml;profile=opds-catalog', 'application/opds+json']
const order = JSON.parse(await readFile('/dev/stdin', 'utf8'))

async function thorium() {
  const require = createRequire(import.meta.url)
  const src = 'r2-opds-js/dist/es8-es2017/src/opds'
  const lcp = require('r2-lcp-js/dist/es8-es2017/src/serializable')
  const { XML } = require('r2-utils-js/dist/es8-es2017/src/_utils/xml-js-mapper')
  const { DOMParser } = require('@xmldom/xmldom')
  require(`${src}/init-globals`).initGlobalConverters_OPDS()
  require('r2-shared-js/dist/es8-es2017/src/init-globals').initGlobalConverters_GENERIC()
  const { OPDS } = require(`${src}/opds1/opds`)
  const { OPDSFeed } = require(`${src}/opds2/opds2`)
  const { convertOpds1ToOpds2 } = require(`${src}/converter`)
  const link = ({ Href, TypeLink, Rel, Title, Properties }) => ({
    href: Href,
    type: TypeLink,
    rel: Rel ?? [],
    title: Title,
    count: Properties?.NumberOfItems,
  })
  const parse = async text => {
    const feed = order.version === 2
      ? lcp.TaJsonDeserialize(JSON.parse(text), OPDSFeed)
      : convertOpds1ToOpds2(XML.deserialize(new DOMParser().parseFromString(text, 'text/xml'), OPDS))
    return {
      title: feed.Metadata.Title,
      total: feed.Metadata.NumberOfItems,
      links: (feed.Links ?? []).map(link),
      navigation: (feed.Navigation ?? []).map(link),
      facets: (feed.Facets ?? []).map(facet => ({ title: facet.Metadata.Title, links: facet.Links.map(link) })),
      publications: (feed.Publications ?? []).map(publication => ({
        title: publication.Metadata.Title,
        authors: (publication.Metadata.Author ?? []).map(author => author.Name),
        links: (publication.Links ?? []).map(link),
        images: (publication.Images ?? []).map(link),
      })),
    }
  }
  return { parse, close: () => {} }
}

async function foliate() {
  const { default: puppeteer } = await import('puppeteer-core')
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://127.0.0.1')
    try {
      const content = pathname === '/' ? '<!DOCTYPE html>' : await readFile(join(HERE, normalize(pathname)))
      const type = pathname === '/' ? 'text/html' : 'text/javascript'
      response.writeHead(200, { 'Content-Type': type }).end(content)
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  const browser = await puppeteer.launch({
    executablePath: order.chromium,
    headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'],
  })
  const page = await browser.newPage()
  await page.goto(`http://127.0.0.1:${server.address().port}/`)
  const inPage = (does, ...rest) => page.evaluate(does, ...rest)
  const parseAtom = text => inPage(async text => {
    const opds = await import('/node_modules/foliate-js/opds.js')
    const document = new DOMParser().parseFromString(text, 'application/xml')
    if (document.querySelector('parsererror')) throw new Error(document.documentElement.textContent)
    const link = ({ href, type, rel, title, properties }) => ({
      href,
      type,
      rel: [rel ?? []].flat(),
      title,
      count: properties?.numberOfItems,
    })
    const feed = opds.getFeed(document)
    return {
      title: feed.metadata.title,
      links: feed.links.map(link),
      navigation: (feed.navigation ?? []).map(link),
      facets: feed.facets.map(({ metadata, links }) => ({ title: metadata.title, links: links.map(link) })),
      publications: (feed.publications ?? []).map(({ metadata, links, images }) => ({
        title: metadata.title,
        authors: metadata.author.map(({ name }) => name),
        links: links.map(link),
        images: images.map(link),
      })),
    }
  }, text)
  // In 2.0 a feed is what foliate-js makes of one in 1.2.
  const parseJson = text => {
    const link = one => ({ ...one, rel: [one.rel ?? []].flat(), count: one.properties?.numberOfItems })
    const feed = JSON.parse(text)
    return {
      title: feed.metadata.title,
      total: feed.metadata.numberOfItems,
      links: feed.links.map(link),
      navigation: (feed.navigation ?? []).map(link),
      facets: (feed.facets ?? []).map(({ metadata, links }) => ({ title: metadata.title, links: links.map(link) })),
      publications: (feed.publications ?? []).map(({ metadata, links, images }) => ({
        title: metadata.title,
        authors: metadata.author.map(({ name }) => name),
        links: links.map(link),
        images: images.map(link),
      })),
    }
  }
  const parse = order.version === 2 ? parseJson : parseAtom
  // A description, or a template of its own.
  const searched = (text, query) => inPage(async (text, query) => {
    const opds = await import('/node_modules/foliate-js/opds.js')
    const found = text.startsWith('<')
      ? opds.getOpenSearch(new DOMParser().parseFromString(text, 'application/xml'))
      : await opds.getSearch({ href: text })
    const name = text.startsWith('<') ? 'searchTerms' : found.params[0].name
    return found.search(new Map([[null, new Map([[name, query]])]]))
  }, text, query)
  return { parse, searched, close: async () => (await browser.close(), server.close()) }
}

const { parse, searched, close } = await { thorium, foliate }[order.reader]()

async function get(address) {
  const answer = await fetch(address, { headers: { Accept: ACCEPT[order.version - 1] } })
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`)
  return answer
}

async function read(address) {
  const answer = await get(address)
  const feed = await parse(await answer.text())
  return { ...feed, address, type: answer.headers.get('content-type') }
}

const to = (links, rel) => links.find(link => link.rel.includes(rel))

/** A feed and all its pages, as one. */
async function pages(address) {
  const all = []
  for (let next = address; next; ) {
    const feed = await read(next)
    all.push(feed)
    const way = to(feed.links, 'next')
    next = way && new URL(way.href, next).href
  }
  return all
}

async function search(feed) {
  const links = feed.links.filter(link => link.rel.includes('search'))
  const addresses = []
  for (const { href, type } of links) {
    const place = new URL(href, feed.address).href
    if (type === 'application/opensearchdescription+xml') {
      const text = await (await get(place)).text()
      if (searched) addresses.push(await searched(text, order.query))
      else addresses.push(/<Url [^>]*template="([^"]+)"/.exec(text)[1])
    } else addresses.push(searched && order.version === 2 ? await searched(href, order.query) : href)
  }
  const words = encodeURIComponent(order.query)
  const filled = addresses.map(one => one.replace('{searchTerms}', words).replace('{?query}', `?query=${words}`))
  return Promise.all(filled.map(one => read(new URL(one, feed.address).href)))
}

async function take({ title, links }, base) {
  const taken = []
  for (const { href, type } of links.filter(link => link.rel.some(rel => rel.includes('/acquisition')))) {
    const answer = await get(new URL(href, base).href)
    const hash = createHash('sha256').update(Buffer.from(await answer.arrayBuffer())).digest('hex')
    taken.push({ title, type, said: answer.headers.get('content-type'), hash, name: new URL(href, base).pathname })
  }
  return taken
}

try {
  const start = await read(order.start)
  const feeds = [start]
  const seen = new Set([start.address])
  for (let at = 0; at < feeds.length && feeds.length < MOST_FEEDS; at++)
    for (const { href } of feeds[at].navigation) {
      const address = new URL(href, feeds[at].address).href
      if (!seen.has(address)) feeds.push(...(await pages(address)))
      seen.add(address)
    }
  const found = await search(start)
  const newest = feeds.find(feed => feed.publications.length)
  const taken = (await Promise.all(newest.publications.map(one => take(one, newest.address)))).flat()
  const pictures = []
  for (const { images } of newest.publications)
    for (const { href } of images) {
      const answer = await get(new URL(href, newest.address).href)
      await answer.arrayBuffer() // a connection whose answer nobody reads keeps Node alive
      pictures.push(answer.headers.get('content-type'))
    }
  console.log(JSON.stringify({ feeds, found, taken, pictures }))
} finally {
  await close()
}
