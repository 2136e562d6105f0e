// Parts of a page that follow the chain: whenever a block is known, or void, they are read again.

import { localise } from "./page"

const PAUSE = 1500
// Until a line that was refused is tried again.
const AGAIN = 5000
let waiting = false

/** Read the page again, and exchange its parts with `data-live`; one that somebody uses stays. */
export async function refresh(): Promise<void> {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } })
  if (!answer.ok) return
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html")
  for (const part of document.querySelectorAll<HTMLElement>("[data-live]")) {
    const found = fresh.getElementById(part.id)
    if (found === null || part.contains(document.activeElement)) continue
    const isSame = found.textContent === part.dataset.text
    if (isSame) continue
    const adopted = document.importNode(found, true)
    adopted.dataset.text = found.textContent ?? ""
    // What the reader has unfolded stays so.
    for (const one of part.querySelectorAll("details[open]")) {
      adopted.querySelector(`details[id="${one.id}"]`)?.setAttribute("open", "")
    }
    await put(adopted, part)
  }
}

/** Show a part of a page, as its server has made it, in the place of another. */
export async function put(part: HTMLElement, place: HTMLElement): Promise<void> {
  localise(part)
  place.replaceWith(part)
  part.dispatchEvent(new Event("fresh", { bubbles: true }))
  const charts = part.querySelectorAll<HTMLElement>(".chart")
  if (charts.length > 0) {
    const { draw } = await import("./chart")
    charts.forEach(draw)
  }
}

function soon(): void {
  if (waiting) return
  waiting = true
  setTimeout(() => {
    waiting = false
    void refresh()
  }, PAUSE)
}

/** Follow the chain, from what the page knows on; a lost line is told, and taken up again. */
export function follow(): void {
  listen(document.body.dataset.since)
}

function listen(since?: string): void {
  const lost = document.getElementById("lost")
  const stream = new EventSource(`/api/v1/stream?topic=block${since === undefined ? "" : `&since=${since}`}`)
  stream.addEventListener("block", soon)
  stream.addEventListener("void", soon)
  stream.addEventListener("open", () => {
    lost?.setAttribute("hidden", "")
    if (since === undefined) soon()
  })
  stream.addEventListener("error", () => {
    lost?.removeAttribute("hidden")
    // A browser takes up a line that was cut, and none that was refused, as one is from long ago.
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, AGAIN)
  })
}
