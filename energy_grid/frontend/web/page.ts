// What every program of a page uses.

const language = document.documentElement.lang
// The reader's own variant of the page's language, if they have one.
export const locale =
  navigator.languages.find((each) => each.split("-")[0] === language && /^[\w-]+$/.test(each)) ?? language
const moment = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" })

/** Write moments in the reader's zone; days are the market's, and stay. */
export function localise(root: ParentNode): void {
  for (const each of root.querySelectorAll<HTMLTimeElement>("time[datetime]")) {
    if (each.dateTime.includes("T")) each.textContent = moment.format(new Date(each.dateTime))
  }
}

/** Tell the reader something in a line at the top of the page. */
export function say(text: string): void {
  const line = document.getElementById("said")
  if (line === null) return
  line.textContent = text
  line.hidden = text === ""
}

/** What a button or a form does; of a form also which of its buttons sent it. */
type Action = (part: HTMLElement, by: HTMLButtonElement | null) => Promise<unknown> | void
type Use = [HTMLElement, HTMLButtonElement | null]
const actions = new Map<string, Action>()
// Programs of parts come after the page: what was used before its program came is done then.
const early = new Map<string, Use>()

/** Let buttons with `data-do` and forms with `data-act` do something. */
export function does(name: string, action: Action): void {
  actions.set(name, action)
  const use = early.get(name)
  early.delete(name)
  if (use !== undefined) run(name, ...use)
}

function run(name: string, ...use: Use): void {
  const action = actions.get(name)
  if (action === undefined) {
    early.set(name, use)
    return
  }
  Promise.resolve(action(...use)).catch((error: unknown) => {
    say(error instanceof Error ? error.message : String(error))
  })
}

document.addEventListener("click", (event) => {
  const button = (event.target as Element).closest<HTMLElement>("[data-do]")
  if (button?.dataset.do !== undefined) run(button.dataset.do, button, null)
})
document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement
  if (form.dataset.act === undefined) return
  event.preventDefault()
  run(form.dataset.act, form, event.submitter as HTMLButtonElement | null)
})
