// Fills in the counts of each dump, one after the other, so that the list is there at once.

const places = [...document.querySelectorAll('[data-counts]')]
const progress = document.getElementById('progress')

async function counted(place) {
  try {
    const answer = await fetch(place.dataset.counts)
    const { said, doubts, error } = await answer.json()
    place.textContent = answer.ok ? said : error
    place.classList.toggle('wrong', !answer.ok)
    if (doubts) {
      const strong = document.createElement('strong')
      strong.textContent = `${doubts} ${doubts === 1 ? 'doubt' : 'doubts'}`
      place.append(', ', strong)
    }
    return doubts ?? 0
  } catch {
    place.textContent = 'The program does not answer. Has it ended?'
    return 0
  }
}

let all = 0
for (const place of places) all += await counted(place)
progress.textContent = `${places.length} dumps, ${all} ${all === 1 ? 'doubt' : 'doubts'}`
