// What if, of a street's own readings: its file is read here, and nothing of it is kept there.

import { told } from "./account"
import { during } from "./act"
import { put } from "./live"
import { does } from "./page"

does("simulate-street", (part) =>
  during(part, async () => {
    const file = new FormData(part as HTMLFormElement).get("file") as File
    const terms = Object.fromEntries(new FormData(document.querySelector<HTMLFormElement>("#terms")!))
    const answer = await fetch("/simulate", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ...terms, csv: await file.text() }),
    })
    if (!answer.ok) throw told(await answer.json())
    const page = new DOMParser().parseFromString(await answer.text(), "text/html")
    const found = document.importNode(page.getElementById("simulated")!, true)
    await put(found, document.getElementById("simulated")!)
  }),
)
