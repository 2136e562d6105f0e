// Enrolment: what a household accepts and signs, and what its registrar does with a street.

import { ask, signedInAccount, signedInWallet } from "./account"
import { act, during, signTyped, type TypedData } from "./act"
import { does } from "./page"
import { queueOf } from "./safe"

const path = (part: HTMLElement, rest = ""): string => `/api/v1/enrolments/${part.dataset.id}${rest}`

does("accept", (button) => during(button, () => ask(path(button, "/acceptance"), undefined, "POST")))
does("withdrawInvitation", (button) => during(button, () => ask(path(button), undefined, "DELETE")))
does("agree", (button) =>
  during(button, async () => {
    // What the page shows: if the device has signed something else meanwhile, it does not count.
    const terms = JSON.parse(button.dataset.terms!) as TypedData
    const account = signedInAccount()
    const consent = await signTyped(await signedInWallet(), account, terms, "MeterRegistration", { account })
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
    // Those that the page shows, as it shows them: nobody else has compared their accounts.
    const calls = JSON.parse(button.dataset.calls!) as unknown[][]
    if (button.dataset.safe === "") {
      for (const values of calls) await act("SmartMeter", "registerMeter", values)
      return
    }
    const named = calls.map((values) => ({ contract: "SmartMeter", function: "registerMeter", arguments: values }))
    await ask(queueOf(button.dataset.safe!), { calls: named })
    // What its owners sign is shown there.
    location.assign("/administration")
  }),
)
