// What every page does: times in the reader's zone, charts, buttons. All else comes when it is needed.

const locale = document.documentElement.lang
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
  if (text !== "") line.scrollIntoView({ block: "nearest" })
}

const doing: Record<string, (button: HTMLElement) => Promise<void> | void> = {
  figures(button) {
    const chart = button.closest(".chart")
    const shown = chart?.classList.toggle("shown") ?? false
    button.setAttribute("aria-expanded", String(shown))
  },
  async picture(button) {
    const { savePicture } = await import("./chart")
    savePicture(button.closest<HTMLElement>(".chart")!)
  },
}

/** Let buttons with `data-do` do something. */
export function does(name: string, action: (button: HTMLElement) => Promise<void> | void): void {
  doing[name] = action
}

document.addEventListener("click", (event) => {
  const button = (event.target as Element).closest<HTMLElement>("[data-do]")
  const action = button && doing[button.dataset.do ?? ""]
  if (!button || !action) return
  Promise.resolve(action(button)).catch((error: unknown) => {
    say(error instanceof Error ? error.message : String(error))
  })
})

async function begin(): Promise<void> {
  localise(document)
  const charts = document.querySelectorAll<HTMLElement>(".chart")
  if (charts.length > 0) {
    const { draw } = await import("./chart")
    charts.forEach(draw)
  }
}

void begin()
