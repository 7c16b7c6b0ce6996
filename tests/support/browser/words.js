// Words as they stand in a page that a reading system has loaded.

/** The first words from an element on: all of them, and those that the program did not add itself. */
export function wordsFrom(document, target, count) {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  const all = []
  const own = []
  while (walker.nextNode() && own.length < count) {
    const node = walker.currentNode
    const before = target.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_PRECEDING
    if (before && !target.contains(node)) continue
    const found = node.data.split(/\s+/).filter(Boolean)
    all.push(...found)
    if (!node.parentElement.closest('.added')) own.push(...found)
  }
  return { own: own.slice(0, count), all: all.slice(0, count) }
}

/** The entries of a table of contents, in order, with their depth. */
export function flatten(entries, children, depth = 0) {
  return (entries ?? []).flatMap(entry => [
    { label: entry.label.trim(), href: entry.href, depth },
    ...flatten(entry[children], children, depth + 1),
  ])
}
