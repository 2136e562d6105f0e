// What if, of a street's own readings: its file is read here, and nothing of it is kept there.

import { during } from "./act"
import { draw } from "./chart"
import { does, localise } from "./page"

does("simulate-street", (part) =>
  during(part, async () => {
    const file = new FormData(part as HTMLFormElement).get("file") as File
    const terms = Object.fromEntries(new FormData(document.querySelector<HTMLFormElement>("#terms")!))
    const answer = await fetch("/simulate", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ...terms, csv: await file.text() }),
    })
    if (!answer.ok) {
      const { detail, next } = (await answer.json()) as { detail: string; next?: string }
      throw new Error([detail, next].filter(Boolean).join(": "))
    }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html")
    const found = document.importNode(page.getElementById("simulated")!, true)
    localise(found)
    document.getElementById("simulated")!.replaceWith(found)
    found.querySelectorAll<HTMLElement>(".chart").forEach(draw)
  }),
)
