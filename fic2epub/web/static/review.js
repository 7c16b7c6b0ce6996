// The review page: moving through the text, saying what stands where, and what the server answers.
//
// A row is an element of #text; its id is r and the offset of its first character, and rows stand in the
// order of their offsets. What the reader says is queued and sent in one request at a time; the answer
// holds the rows that changed, and nothing is drawn anew but these.

const text = document.getElementById('text')
const strip = document.getElementById('strip')
const drawing = document.getElementById('drawing')
const here = document.getElementById('here')
const view = document.getElementById('view')
const bar = document.querySelector('.bar')
const status = document.getElementById('status')
const help = document.getElementById('help')
const titleDialog = document.getElementById('title')
const titleText = document.getElementById('title-text')
const keysWanted = document.getElementById('keys')
const buttons = Object.fromEntries([...document.querySelectorAll('[data-do]')].map(b => [b.dataset.do, b]))

const PLAIN = new Set(['prose', 'dateline', 'closing', 'section'])
const LOOKS = 12 // frames
const KEEP = `fic2epub:${location.pathname}`

const rowsNow = () => [...text.querySelectorAll('.row')]

let rows = rowsNow()
let order = new Map(rows.map((row, at) => [row, at]))
let current = null
let anchor = null // where a range of several paragraphs begins, or null
let version = Number(document.body.dataset.version)
let steps = Number(document.body.dataset.undo)
let queue = []
let sent = [] // what the server is at work on
let sending = false
let bringing = null // the row that is being brought into view

const offset = row => Number(row.id.slice(1))
const say = (words, wrong = false) => {
  status.textContent = words
  status.classList.toggle('wrong', wrong)
}

// Moving

function rowAt(place) {
  // The row that holds an offset: the last that begins at or before it.
  let low = 0
  let high = rows.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (offset(rows[middle]) <= place) low = middle
    else high = middle - 1
  }
  return rows[low]
}

function go(row, { focus = true, scroll = true, high = false } = {}) {
  if (!row) return
  if (current) {
    current.removeAttribute('aria-current')
    current.tabIndex = -1
  }
  current = row
  row.setAttribute('aria-current', 'true')
  row.tabIndex = 0
  if (focus) row.focus({ preventScroll: true })
  if (scroll) settle(row, () => way(row, high))
  showRange()
  showHere()
  showTools()
  sessionStorage.setItem(KEEP, row.id)
}

function way(row, high) {
  // How far to scroll. Near: no further than it must; high: so that the row begins a fifth down the
  // screen, which a paragraph that is longer than the screen gets anyway.
  const { top, bottom, height } = row.getBoundingClientRect()
  const floor = bar.getBoundingClientRect().top
  const ideal = floor / 5
  const margin = ideal / 2
  if (high) return top - ideal
  if (height > floor - ideal) return top < 0 || top > ideal ? top - ideal : 0
  if (top < margin) return top - margin
  return Math.max(0, bottom - floor + margin)
}

function settle(row, by) {
  // Scrolls by so much. Rows that come near are drawn only now, and until then have a guessed height:
  // look again for some frames, unless the reader scrolls.
  bringing = row
  let looks = 0
  const look = () => {
    if (row !== bringing || row !== current) return
    const rest = by()
    if (Math.abs(rest) >= 1) scrollBy(0, rest)
    if (++looks < LOOKS) return requestAnimationFrame(look)
    bringing = null
    showView()
  }
  look()
}

for (const own of ['wheel', 'touchmove']) addEventListener(own, () => (bringing = null), { passive: true })

function seen() {
  // The first and the last row on the screen; null where there is none.
  const { left, width } = text.getBoundingClientRect()
  const at = y => document.elementFromPoint(left + width / 2, y)?.closest('.row') ?? null
  const floor = bar.getBoundingClientRect().top
  const heights = [2, 12, 24, 48, 96, 192]
  const first = heights.map(at).find(Boolean) ?? null
  return [first, heights.map(y => at(floor - y)).find(Boolean) ?? null]
}

function catchUp() {
  // Whoever has scrolled away goes on from what is on the screen.
  const { top, bottom } = current.getBoundingClientRect()
  if (bottom > 0 && top < bar.getBoundingClientRect().top) return
  const [first] = seen()
  if (first && anchor === null) go(first, { scroll: false })
}

function step(by) {
  catchUp()
  go(rows[Math.max(0, Math.min(rows.length - 1, order.get(current) + by))])
}

function seek(by, wanted) {
  for (let at = order.get(current) + by; at >= 0 && at < rows.length; at += by) {
    if (rows[at].matches(wanted)) return rows[at]
  }
  return null
}

function toDoubt(by) {
  const all = [...text.querySelectorAll('[data-doubt]')]
  if (!all.length) return say('Nothing is in doubt.')
  catchUp()
  const found = seek(by, '[data-doubt]')
  const row = found ?? all.at(by > 0 ? 0 : -1)
  go(row, { high: true })
  const again = found ? '' : by > 0 ? ', from the top again' : ', from the end again'
  say(`Doubt ${all.indexOf(row) + 1} of ${all.length}${again}.`)
}

function toChapter(by) {
  catchUp()
  const row = seek(by, '[data-cut]')
  if (!row) return say(by > 0 ? 'This is the last chapter.' : 'This is the first chapter.')
  go(row, { high: true })
}

// What is shown of where the reader is

function chosen() {
  const ends = [order.get(anchor ?? current), order.get(current)].sort((a, b) => a - b)
  return rows.slice(ends[0], ends[1] + 1)
}

function showRange() {
  for (const row of text.querySelectorAll('.chosen')) row.classList.remove('chosen')
  buttons.range.setAttribute('aria-pressed', String(anchor !== null))
  if (anchor === null) return
  const range = chosen()
  for (const row of range) row.classList.add('chosen')
  say(`${range.length} ${range.length === 1 ? 'paragraph' : 'paragraphs'} marked.`)
}

function bounds() {
  const first = offset(rows[0])
  const last = rows[rows.length - 1]
  return { first, length: Math.max(1, offset(last) + last.textContent.trim().length - first) }
}

function height(place) {
  // Where an offset stands on the strip, in pixels.
  const { first, length } = bounds()
  return drawing.offsetTop + (drawing.offsetHeight * Math.min(length, place - first)) / length
}

function showView() {
  const [first, last] = seen()
  if (!first || !last) return
  const next = rows[order.get(last) + 1]
  const end = next ? offset(next) : Infinity
  view.style.top = `${height(offset(first))}px`
  view.style.height = `${height(end) - height(offset(first))}px`
}

function showHere() {
  here.style.top = `${height(offset(current))}px`
  const name = opening()?.querySelector('.name').textContent
  strip.setAttribute('aria-valuenow', order.get(current) + 1)
  strip.setAttribute('aria-valuetext', `${name ? `${name}, ` : ''}line ${current.dataset.line}`)
}

function can(what) {
  const { kind, cut, note, opens } = current.dataset
  const fixed = kind === 'work-summary' || kind === 'dropped'
  const head = kind === 'heading' || kind === 'part'
  const mark = kind === 'break' || kind === 'separator'
  switch (what) {
    case 'chapter': return !fixed && !mark && cut === undefined
    case 'heading': return !fixed && !head && !mark
    case 'no-chapter': return opens !== undefined && opening()?.dataset.cut !== 'first'
    case 'title': return opening() !== null
    case 'before': case 'after': case 'within': case 'summary':
      return anchor !== null || (!fixed && !head && !mark && kind !== what)
    case 'prose': return anchor !== null || note !== undefined
    case 'break': return mark || PLAIN.has(kind)
    case 'right': return current.dataset.doubt !== undefined
    case 'undo': return steps > 0 || queue.length > 0
    default: return true
  }
}

// The row at which the chapter of the current one begins; null above the first.
const opening = () => (current.matches('[data-cut]') ? current : seek(-1, '[data-cut]'))

function showTools() {
  for (const [what, button] of Object.entries(buttons)) {
    const off = !can(what)
    if (off && button === document.activeElement) current.focus({ preventScroll: true })
    button.disabled = off
  }
}

// Saying what stands where

function span() {
  if (anchor !== null) {
    const range = chosen()
    return [range[0], range[range.length - 1]].map(offset)
  }
  if (current.dataset.note) return current.dataset.note.split(' ').map(Number)
  return [offset(current), offset(current)]
}

function noted(kind) {
  const [at, until] = span()
  anchor = null
  return kind === 'prose' ? { do: 'prose', at, until } : { do: 'note', at, until, kind }
}

function right() {
  const { doubt, kind } = current.dataset
  const edits = []
  if (doubt.includes('cut')) edits.push({ do: 'chapter', at: offset(current) })
  if (doubt.includes('note')) edits.push(noted(kind))
  return edits
}

const SAYINGS = {
  chapter: () => [{ do: 'chapter', at: offset(current) }],
  heading: () => [{ do: 'heading', at: offset(current) }],
  'no-chapter': () => [{ do: 'no-chapter', at: offset(opening()) }],
  before: () => [noted('before')],
  after: () => [noted('after')],
  within: () => [noted('within')],
  summary: () => [noted('summary')],
  prose: () => [noted('prose')],
  break: () => [{ do: PLAIN.has(current.dataset.kind) ? 'break' : 'no-break', at: offset(current) }],
  right,
  undo: () => [{ do: 'undo' }],
}

function tell(what) {
  const edits = SAYINGS[what]()
  const last = JSON.stringify((queue.length ? queue : sent).slice(-edits.length))
  if (what !== 'undo' && JSON.stringify(edits) === last) return // a key pressed twice, before the answer
  for (const edit of edits) {
    if (edit.at === undefined) continue
    for (const row of rows.slice(order.get(rowAt(edit.at)), order.get(rowAt(edit.until ?? edit.at)) + 1)) {
      row.classList.add('pending')
    }
  }
  queue.push(...edits)
  showRange()
  say('Reading the work again …')
  send()
}

async function send() {
  if (sending || !queue.length) return
  sending = true
  const edits = queue
  sent = edits
  queue = []
  try {
    const answer = await fetch('edit.json', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ version, edits }),
    })
    const told = await answer.json()
    if (answer.ok) take(told)
    else if (told.reload) location.reload()
    else refuse(told.error)
  } catch {
    refuse('The program does not answer. Has it ended? What you said last is not saved.')
  }
  sent = []
  sending = false
  send()
}

function refuse(words) {
  for (const row of text.querySelectorAll('.pending')) row.classList.remove('pending')
  queue = []
  say(words, true)
}

function take(told) {
  // Put the changed rows in their places; the reader's own stays where it is on the screen.
  const focused = current.contains(document.activeElement)
  const place = offset(current)
  const top = current.getBoundingClientRect().top
  const mark = anchor === null ? null : offset(anchor)
  for (const id of told.gone) document.getElementById(`r${id}`)?.remove()
  rows = rowsNow()
  const make = document.createElement('template')
  for (const { id, html } of told.rows) {
    make.innerHTML = html
    const fresh = make.content.firstElementChild
    const old = document.getElementById(`r${id}`)
    if (old) old.replaceWith(fresh)
    else if (offset(rows[0]) > id) rows[0].before(fresh)
    else rowAt(id).after(fresh)
    if (!old) rows = rowsNow()
  }
  rows = rowsNow()
  order = new Map(rows.map((row, at) => [row, at]))
  for (const row of text.querySelectorAll('.pending')) row.classList.remove('pending')
  document.getElementById('facts').innerHTML = told.facts
  drawing.innerHTML = told.strip
  strip.setAttribute('aria-valuemax', rows.length)
  version = told.version
  steps = told.undo
  anchor = mark === null ? null : rowAt(mark)
  current = null
  go(rowAt(place), { focus: focused, scroll: false })
  const row = current
  settle(row, () => row.getBoundingClientRect().top - top)
  say(told.said)
}

function askTitle() {
  const start = opening()
  titleText.value = start.dataset.title || start.querySelector('.title')?.textContent || ''
  titleDialog.returnValue = ''
  titleDialog.showModal()
  titleText.select()
}

titleDialog.addEventListener('close', () => {
  current.focus({ preventScroll: true })
  if (titleDialog.returnValue !== 'save') return
  queue.push({ do: 'title', at: offset(opening()), title: titleText.value.trim() })
  say('Reading the work again …')
  send()
})
help.addEventListener('close', () => current.focus({ preventScroll: true }))

const ACTS = {
  'next-doubt': () => toDoubt(1),
  'previous-doubt': () => toDoubt(-1),
  title: askTitle,
  help: () => help.showModal(),
  range: () => {
    anchor = anchor === null ? current : null
    say('')
    showRange()
    showTools()
  },
}

function act(what) {
  if (what === 'chapter' && current.dataset.cut === 'guess') return tell(what) // there is one; now it is sure
  if (!can(what)) return say(`That says nothing here: ${buttons[what].title.toLowerCase()}.`)
  if (what in ACTS) ACTS[what]()
  else tell(what)
}

// Keys, pointer, strip

const MOVES = {
  j: () => step(1),
  k: () => step(-1),
  ']': () => toChapter(1),
  '[': () => toChapter(-1),
}
const LETTERS = Object.fromEntries(
  Object.entries(buttons).map(([what, button]) => [button.getAttribute('aria-keyshortcuts'), what]),
)

document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return
  if (event.key === 'Escape' && anchor !== null) {
    ACTS.range()
    event.preventDefault()
  } else if (!keysWanted.checked) {
    return
  } else if (event.key in MOVES) {
    MOVES[event.key]()
    event.preventDefault()
  } else if (event.key in LETTERS && !(event.repeat && event.key !== 'n' && event.key !== 'p')) {
    event.preventDefault()
    act(LETTERS[event.key])
  }
})

for (const [what, button] of Object.entries(buttons)) button.addEventListener('click', () => act(what))

text.addEventListener('click', event => {
  const row = event.target.closest('.row')
  if (row && !String(getSelection())) go(row, { scroll: false })
})

document.getElementById('facts').addEventListener('click', event => {
  const target = event.target.closest('a[href^="#r"]')
  if (!target) return
  event.preventDefault()
  go(document.getElementById(target.hash.slice(1)), { high: true })
})

function toPoint(event) {
  const box = drawing.getBoundingClientRect()
  const part = Math.max(0, Math.min(1, (event.clientY - box.top) / box.height))
  const { first, length } = bounds()
  go(rowAt(first + part * length), { focus: false, high: true })
}

strip.addEventListener('pointerdown', event => {
  event.preventDefault()
  strip.focus({ preventScroll: true }) // a browser would scroll the page to bring it into view
  strip.setPointerCapture(event.pointerId)
  toPoint(event)
})
strip.addEventListener('pointermove', event => strip.hasPointerCapture(event.pointerId) && toPoint(event))

const ON_STRIP = {
  ArrowDown: () => step(1),
  ArrowRight: () => step(1),
  ArrowUp: () => step(-1),
  ArrowLeft: () => step(-1),
  PageDown: () => toChapter(1),
  PageUp: () => toChapter(-1),
  Home: () => go(rows[0]),
  End: () => go(rows[rows.length - 1]),
}
strip.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey) return
  if (event.key === 'Enter') current.focus()
  else if (event.key in ON_STRIP) {
    ON_STRIP[event.key]()
    strip.focus()
  } else return
  event.preventDefault()
})

let due = false
addEventListener('scroll', () => {
  if (due) return
  due = true
  requestAnimationFrame(() => {
    due = false
    showView()
  })
}, { passive: true })
addEventListener('resize', () => {
  showHere()
  showView()
})
keysWanted.checked = localStorage.getItem('fic2epub:keys') !== 'off'
keysWanted.addEventListener('change', () => localStorage.setItem('fic2epub:keys', keysWanted.checked ? 'on' : 'off'))

const more = document.getElementById('more')
more.addEventListener('click', () => {
  const open = document.getElementById('tools').classList.toggle('open')
  more.setAttribute('aria-expanded', String(open))
})

new ResizeObserver(() => {
  document.documentElement.style.setProperty('--bar', `${bar.offsetHeight}px`)
  showHere()
  showView()
}).observe(bar)

const kept = document.getElementById(sessionStorage.getItem(KEEP) ?? '')
go(kept ?? rows[0], { focus: kept !== null, scroll: kept !== null, high: true })
showView()
