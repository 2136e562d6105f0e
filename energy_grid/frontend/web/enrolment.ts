// Enrolment: what a household accepts and signs, and what its registrar does with a street.

import { ask, signedInAccount, signedInWallet } from "./account"
import { act, during, signTyped, type TypedData } from "./act"
import { does } from "./page"
import { signSafe } from "./safe"

interface Enrolment {
  state: string
  reverts: string | null
  typed_data: TypedData | null
  registration: readonly unknown[] | null
}

const path = (part: HTMLElement, rest = ""): string => `/api/v1/enrolments/${part.dataset.id}${rest}`

does("accept", (button) => during(button, () => ask(path(button, "/acceptance"), undefined, "POST")))
does("withdrawInvitation", (button) => during(button, () => ask(path(button), undefined, "DELETE")))
does("agree", (button) =>
  during(button, async () => {
    const { typed_data: terms } = await ask<Enrolment>(path(button))
    const consent = await signTyped(await signedInWallet(), signedInAccount(), terms!)
    await ask(path(button, "/consent"), { consent })
  }),
)
does("invite", (part) =>
  during(part, async () => {
    const form = part as HTMLFormElement
    const values = new FormData(form)
    const file = values.get("file") as File
    const csv = file.size > 0 ? await file.text() : (values.get("csv") as string)
    await ask("/api/v1/enrolments", { csv })
    form.reset()
  }),
)
does("register", (button) =>
  during(button, async () => {
    const households = await ask<Enrolment[]>("/api/v1/enrolments")
    const ready = households.filter(({ state, reverts }) => state === "AGREED" && reverts === null)
    const calls = ready.map(({ registration }) => registration!)
    if (button.dataset.safe === "") {
      for (const values of calls) await act("SmartMeter", "registerMeter", values)
      return
    }
    const named = calls.map((values) => ({ contract: "SmartMeter", function: "registerMeter", arguments: values }))
    const { hash } = await ask<{ hash: string }>("/api/v1/safe/transactions", { calls: named })
    await signSafe(hash)
    location.assign("/administration")
  }),
)
