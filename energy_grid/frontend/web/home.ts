// What an account does with its money and its surplus.

import { ask, signedInAccount, token } from "./account"
import { act, allow, COIN, deposit, during, placeOf } from "./act"
import { does } from "./page"
import { units } from "./units"

type Doing = (values: FormData, decimals: number, form: HTMLFormElement) => Promise<unknown>
const amount = (values: FormData, decimals: number): bigint => units(values.get("amount") as string, decimals)
const doings: Record<string, Doing> = {
  keeps: (values) => act("Settlement", "setKeeps", [values.get("keeps") === "true"]),
  deposit: (values, decimals, { dataset }) => deposit(amount(values, decimals), BigInt(dataset.token!)),
  withdraw: (values, decimals) =>
    act("Settlement", "withdraw", [amount(values, decimals).toString(), signedInAccount()]),
}

for (const [name, work] of Object.entries(doings)) {
  does(name, (part) =>
    during(part, async () => {
      const form = part as HTMLFormElement
      await work(new FormData(form), Number(form.dataset.decimals), form)
      form.querySelectorAll<HTMLInputElement>("[name=amount]").forEach((each) => (each.value = ""))
    }),
  )
}

// What a button does with its own values, in the contract that its section is about.
const RESPONSE = "DemandResponse"
const uses = (name: string, work: (values: DOMStringMap) => Promise<void>): void =>
  does(name, (button) => during(button, () => work(button.dataset)))

does("join", (part) =>
  during(part, async () => {
    const { program } = part.dataset
    const committed = units(new FormData(part as HTMLFormElement).get("committed") as string, 3)
    await act(RESPONSE, "joinProgram", [program!, committed.toString()])
  }),
)
uses("leave", ({ program }) => act(RESPONSE, "leaveProgram", [program!]))
uses("take-part", () => act(RESPONSE, "registerConsumer", [signedInAccount()]))
uses("opt-out", ({ event }) => act("DemandEnrolments", "optOut", [event!]))
uses("opt-in", ({ event }) => act("DemandEnrolments", "optIn", [event!]))
uses("verify", ({ event }) => act(RESPONSE, "verifyFromMeter", [event!, signedInAccount()]))
uses("claim-event", ({ event }) => act(RESPONSE, "claimReward", [event!, signedInAccount()]))
uses("claim-program", ({ program }) => act(RESPONSE, "claimProgramReward", [program!, signedInAccount()]))
uses("claim-revenue", ({ shares }) => act("AssetShares", "claimRevenue", [signedInAccount()], shares))
uses("execute-withdrawal", ({ withdrawal }) => act("Settlement", "executeWithdrawal", [withdrawal!]))
uses("cancel-withdrawal", ({ withdrawal }) => act("Settlement", "cancelWithdrawal", [withdrawal!]))

// Certificates of production: the market says which there are, the contracts whether they may be moved.
interface Certificate {
  id: string
  held_wh: number
}
const [CERTIFICATES, SHOP, DAY_SECONDS] = ["EnergyCertificates", "CertificateMarket", 86_400]
const amounts = (of: Map<string, bigint>): string[][] => [[...of.keys()], [...of.values()].map(String)]
uses("cancel-certificates", ({ offer }) => act(SHOP, "cancelOffer", [offer!]))
uses("retire-certificates", async ({ device, day, none }) => {
  const account = signedInAccount()
  const path = `/api/v1/accounts/${account}/certificates/${device}/${day}`
  const held = await ask<(Certificate & { matchable_wh: number })[]>(path)
  const found = new Map(held.filter((each) => each.matchable_wh > 0).map((each) => [each.id, BigInt(each.matchable_wh)]))
  if (found.size === 0) throw new Error(none)
  await act(CERTIFICATES, "retire", [account, ...amounts(found)])
})
does("offer-certificates", (part) =>
  during(part, async () => {
    const form = part as HTMLFormElement
    const { allowed, decimals, slot, token } = form.dataset
    const values = new FormData(form)
    const slots = DAY_SECONDS / Number(slot)
    const first = (name: string): number => (Date.parse(values.get(name) as string) / 1000 / DAY_SECONDS) * slots
    const price = units(values.get("limit") as string, Number(decimals)) * BigInt(token!)
    const terms = [values.get("device"), first("from"), first("to") + slots - 1, amount(values, 3), price, await placeOf(COIN)]
    if (allowed === undefined) await act(CERTIFICATES, "setApprovalForAll", [await placeOf(SHOP), true])
    await act(SHOP, "offerCertificates", terms.map(String))
    form.reset()
  }),
)
does("buy-certificates", (part) =>
  during(part, async () => {
    const { offer, price, token, less } = part.dataset
    const wanted = amount(new FormData(part as HTMLFormElement), 3)
    const bought = new Map<string, bigint>()
    let left = wanted
    for (const { id, held_wh: wh } of await ask<Certificate[]>(`/api/v1/certificates/offers/${offer}/slots`)) {
      const taken = left < BigInt(wh) ? left : BigInt(wh)
      if (taken > 0n) bought.set(id, taken)
      left -= taken
    }
    if (left > 0n) throw new Error(less)
    const cost = (wanted * BigInt(price!) + 999n) / 1000n
    await allow(cost, BigInt(token!))
    await act(SHOP, "buyCertificates", [offer!, ...amounts(bought), cost.toString()])
  }),
)

// Programs that speak OpenADR for the account: the market gives a secret out once, and the page shows it once.
const vens = (rest = ""): string => `/api/v1/accounts/${signedInAccount()}/vens${rest}`
uses("revoke-ven", ({ ven }) => ask(vens(`/${ven}`), undefined, "DELETE"))
does("make-ven", (part) =>
  during(part, async () => {
    const form = part as HTMLFormElement
    const values = new FormData(form)
    const wanted = { name: values.get("name"), may_opt: values.has("may_opt") }
    const made = await ask<{ client_id: string; client_secret: string }>(vens(), wanted)
    const shown = document.getElementById("ven-made")!
    const write = (name: string, text: (place: HTMLElement) => string): void => {
      const place = shown.querySelector<HTMLElement>(`[data-shows=${name}]`)!
      place.textContent = text(place)
    }
    write("address", ({ dataset }) => location.origin + dataset.path!)
    write("id", () => made.client_id)
    write("secret", () => made.client_secret)
    shown.hidden = false
    form.reset()
  }),
)

does("faucet", (button) => during(button, () => act("TestDollar", "faucet", [button.dataset.amount!])))

does("download", async (button) => {
  const answer = await fetch(button.dataset.path!, { headers: { Authorization: `Bearer ${token()}` } })
  if (!answer.ok) throw new Error((await answer.json()).detail)
  const link = document.createElement("a")
  link.href = URL.createObjectURL(await answer.blob())
  link.download = button.dataset.name!
  link.click()
  URL.revokeObjectURL(link.href)
})
