// The spot market: energy that is a token, for money at once.

import { act, approve, during } from "./act"
import { does } from "./page"
import { units } from "./units"

const SPOT = "PeerToPeerTrading"

does("acceptOffer", (button) =>
  during(button, () => {
    const { offer, amount, most } = button.dataset
    return act(SPOT, "acceptEnergyOfferAtMost", [offer!, amount!, most!])
  }),
)
does("cancelOffer", (button) => during(button, () => act(SPOT, "cancelEnergyOffer", [button.dataset.offer!])))
does("createOffer", (part) =>
  during(part, async () => {
    const form = part as HTMLFormElement
    const values = new FormData(form)
    const amount = units(values.get("amount") as string, 3)
    const price = units(values.get("limit") as string, Number(form.dataset.decimals)).toString()
    await approve(SPOT, amount, "EnergyToken")
    await act(SPOT, "createEnergyOffer", [amount.toString(), price])
    form.reset()
  }),
)
