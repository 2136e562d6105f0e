// What an operator does: asking to use less, from the announcement to the payment, and balancing.

import { ask } from "./account"
import { act, approve, during } from "./act"
import { does } from "./page"
import { units } from "./units"

does("startEvent", (part) =>
  during(part, async () => {
    const form = part as HTMLFormElement
    const values = new FormData(form)
    const number = (name: string): bigint => units(values.get(name) as string, 0)
    const reward = units(values.get("reward") as string, Number(form.dataset.decimals))
    const seconds = number("slots") * BigInt(form.querySelector<HTMLElement>("[name=slots]")!.dataset.seconds!)
    await approve("DemandResponse", number("target") * reward)
    await act("DemandResponse", "startEvent", [number("target").toString(), reward.toString(), seconds.toString()])
    form.reset()
  }),
)

does("balance", (part) =>
  during(part, async () => {
    const form = part as HTMLFormElement
    const values = new FormData(form)
    const wanted = [form.dataset.region, values.get("action"), values.get("power"), values.get("priority")]
    await act("BalancingCoordination", "initiateBalancingAction", wanted)
    form.reset()
  }),
)

does("acknowledge", (button) =>
  during(button, () => {
    const { alarm, region } = button.dataset
    const path = `/api/v1/grid/alarms/${encodeURIComponent(alarm!)}/acknowledgement`
    return ask(`${path}?region=${encodeURIComponent(region!)}`, undefined, "POST")
  }),
)

does("completeEvent", (button) => during(button, () => act("DemandResponse", "completeEvent", [button.dataset.event!])))
does("distributeRewards", (button) =>
  during(button, () => act("DemandResponse", "distributeRewards", [button.dataset.event!, "100"])),
)
