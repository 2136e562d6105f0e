// What every program of a page uses.

const language = document.documentElement.lang
// The reader's own variant of the page's language, if they have one.
export const locale =
  navigator.languages.find((each) => each.split("-")[0] === language && /^[\w-]+$/.test(each)) ?? language
const moment = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" })

const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" })

/** Write moments in the reader's zone; days are the market's, which are those of UTC. */
export function localise(root: ParentNode): void {
  for (const each of root.querySelectorAll<HTMLTimeElement>("time[datetime]")) {
    each.textContent = (each.dateTime.includes("T") ? moment : day).format(new Date(each.dateTime))
  }
}

/** Tell the reader something in a line at the top of the page. */
export function say(text: string): void {
  const line = document.getElementById("said")
  if (line === null) return
  line.textContent = text
  line.hidden = text === ""
}

type Action = (part: HTMLElement, by: HTMLButtonElement | null) => Promise<unknown> | void

/** Let buttons with `data-do` and forms with `data-act` do something; a form also knows which of its buttons sent it. */
export function does(name: string, action: Action): void {
  window.does(name, (...use) => {
    Promise.resolve(action(...use)).catch((error: unknown) => {
      say(error instanceof Error ? error.message : String(error))
    })
  })
}
