// Orders: what one would bring, signing and withdrawing it; and clearing a batch again.

import { ask, signedInAccount, signedInWallet } from "./account"
import { balances, signTyped, type TypedData } from "./act"
import { refresh } from "./live"
import { does, locale, say } from "./page"
import { units } from "./units"

interface Quote {
  at_limit: string
  grid_alone: string
  reserved: string
  fills_now_wh: number
  typed_data: TypedData
}

interface Audit {
  orders: number
  is_optimal: boolean
  volume_wh: number
  findings: string[]
}

/** A figure: exactly for programs, rounded as the server rounds for people. */
function figure(value: bigint, digits: number, unit = ""): HTMLDataElement {
  const places = Math.min(digits, 2)
  const form = new Intl.NumberFormat(locale, {
    minimumFractionDigits: places,
    maximumFractionDigits: places,
    roundingMode: "halfEven",
  } as Intl.NumberFormatOptions)
  const found = document.createElement("data")
  found.value = value.toString()
  found.textContent = `${form.format(Number(value) / 10 ** digits)}${unit && ` ${unit}`}`
  return found
}

function fill(place: Element, values: Record<string, Node | string>): void {
  for (const [name, content] of Object.entries(values)) {
    place.querySelector(`[data-of="${name}"]`)?.replaceChildren(content)
  }
}

/** What a form says that is to be signed. */
interface Wanted {
  account: string
  side: string
  amount_wh: number
  price_per_kwh: number
  period: string
  start: string
}

const form = document.querySelector<HTMLFormElement>("#order")
let quote: Quote | null = null

function wantedOf(place: HTMLFormElement): Wanted {
  const values = new FormData(place)
  return {
    account: signedInAccount(),
    side: values.get("side") as string,
    amount_wh: Number(units(values.get("amount") as string, 3)),
    price_per_kwh: Number(units(values.get("limit") as string, Number(place.dataset.decimals))),
    period: place.dataset.kind!,
    start: place.dataset.start!,
  }
}

async function showQuote(place: HTMLFormElement): Promise<void> {
  const decimals = Number(place.dataset.decimals)
  const wanted = wantedOf(place)
  const found = await ask<Quote>("/api/v1/quote", wanted)
  // Of what was there before, if somebody has changed it meanwhile.
  if (JSON.stringify(wanted) !== JSON.stringify(wantedOf(place))) return
  quote = found
  const money = (text: string): Node => figure(BigInt(text), decimals, place.dataset.coin)
  const list = place.querySelector<HTMLElement>("#quote")!
  fill(list, {
    at_limit: money(quote.at_limit),
    grid_alone: money(quote.grid_alone),
    reserved: money(quote.reserved),
    fills_now_wh: figure(BigInt(quote.fills_now_wh), 3, "kWh"),
  })
  list.hidden = false
  place.querySelector<HTMLElement>("#placing")!.hidden = false
}

async function place(form: HTMLFormElement): Promise<void> {
  if (quote === null) return
  const { domain, message } = quote.typed_data
  const wanted = wantedOf(form)
  const told = {
    trader: wanted.account,
    side: wanted.side,
    amountWh: wanted.amount_wh,
    pricePerKwh: wanted.price_per_kwh,
    period: wanted.period,
    deliveryStart: Date.parse(wanted.start) / 1000,
  }
  const signature = await signTyped(await signedInWallet(), signedInAccount(), quote.typed_data, "EnergyOrder", told)
  const contract = { chainId: domain.chainId, contract: domain.verifyingContract }
  // A contract wallet confirms its signature itself (EIP-1271).
  const { is_contract: byContract } = await balances(signedInAccount())
  await ask("/api/v1/orders", { ...message, ...contract, signature, byContract })
  form.reset()
  forget()
  await refresh()
}

function forget(): void {
  quote = null
  form?.querySelectorAll<HTMLElement>("#quote, #placing").forEach((each) => (each.hidden = true))
}

form?.addEventListener("input", forget)
does("order", (form, by) => {
  say("")
  return (by?.value === "place" ? place : showQuote)(form as HTMLFormElement)
})

does("cancel", async (button) => {
  await ask(`/api/v1/orders/${button.dataset.order}/cancel`, undefined, "POST")
  button.blur()
  await refresh()
})

does("audit", async (button) => {
  const found = await ask<Audit>(`/api/v1/batches/${button.dataset.batch}/audit`)
  const list = document.querySelector<HTMLElement>("#audit")!
  fill(list, {
    is_optimal: (found.is_optimal ? list.dataset.yes : list.dataset.no) ?? "",
    orders: figure(BigInt(found.orders), 0),
    volume_wh: figure(BigInt(found.volume_wh), 3, "kWh"),
    findings: found.findings.length === 0 ? "–" : found.findings.join("; "),
  })
  list.hidden = false
})
