// What an account does on the chain: the market's API builds a call, the wallet signs it.
//
// An account with native coin sends by itself; for one without, the relay sends what it has signed.

import { ask, signedInAccount, signedInWallet, THROWAWAY, walletName } from "./account"
import { refresh } from "./live"
import { say } from "./page"
import type { Address, Hex, Provider } from "./wallet"

export interface TypedData {
  message: Record<string, string | number>
}

export interface Call {
  from: Address
  to: Address
  data: Hex
  value: string
  gas: string | null
  reverts: string | null
  relay_typed_data: TypedData | null
}

interface Relayed {
  id: string
  state: "RECEIVED" | "SENT" | "DONE" | "FAILED" | "EXPIRED" | "REFUSED"
  transaction: Hex | null
  detail: string | null
}

const PAUSE = 500
const rest = (): Promise<void> => new Promise((done) => setTimeout(done, PAUSE))

/** Have the wallet sign what it shows. */
export async function signTyped(provider: Provider, account: Address, data: TypedData): Promise<Hex> {
  return (await provider.request({ method: "eth_signTypedData_v4", params: [account, JSON.stringify(data)] })) as Hex
}

/** Have a call made; gives its transaction once it is in a block. */
export async function act(contract: string, name: string, values: readonly unknown[]): Promise<Hex> {
  const [account, provider] = [signedInAccount(), await signedInWallet()]
  const question = { from: account, contract, function: name, arguments: values }
  const call = await ask<Call>("/api/v1/calls", question)
  if (call.reverts !== null) throw new Error(call.reverts)
  const { native_wei: coin } = await ask<{ native_wei: string }>(`/api/v1/accounts/${account}`)
  const mustRelay = walletName() === THROWAWAY || BigInt(coin) === 0n
  return mustRelay && call.relay_typed_data !== null ? relay(provider, account, call.relay_typed_data) : send(provider, call)
}

async function relay(provider: Provider, account: Address, data: TypedData): Promise<Hex> {
  const signature = await signTyped(provider, account, data)
  let found = await ask<Relayed>("/api/v1/relay", { ...data.message, signature })
  while (found.state === "RECEIVED" || found.state === "SENT") {
    await rest()
    found = await ask<Relayed>(`/api/v1/relay/${found.id}`)
  }
  if (found.state !== "DONE") throw new Error(found.detail ?? found.state)
  return found.transaction!
}

/** Have the wallet send a call; gives its transaction once it is in a block. */
export async function send(provider: Provider, { from, to, data, value }: Call): Promise<Hex> {
  const params = [{ from, to, data, value: `0x${BigInt(value).toString(16)}` }]
  const transaction = (await provider.request({ method: "eth_sendTransaction", params })) as Hex
  for (;;) {
    const receipt = await provider.request({ method: "eth_getTransactionReceipt", params: [transaction] })
    const status = (receipt as { status: Hex } | null)?.status
    if (status === "0x1") return transaction
    if (status !== undefined) throw new Error(`${transaction} had no effect`)
    await rest()
  }
}

/** Have coins of the wallet paid in. */
export async function deposit(amount: bigint): Promise<Hex> {
  const [account, provider] = [signedInAccount(), await signedInWallet()]
  const wanted = { account, amount: amount.toString() }
  const { typed_data: permit } = await ask<{ typed_data: TypedData }>("/api/v1/permits", wanted)
  const signature = await signTyped(provider, account, permit)
  const [r, s, v] = [signature.slice(0, 66), `0x${signature.slice(66, 130)}`, Number(`0x${signature.slice(130, 132)}`)]
  const values = [amount.toString(), String(permit.message.deadline), String(v < 27 ? v + 27 : v), r, s]
  return act("Settlement", "depositWithPermit", values)
}

/** Do something for a form or a button, and say how it went; the page then shows what has changed. */
export async function during(part: HTMLElement, work: () => Promise<unknown>): Promise<void> {
  const buttons = part instanceof HTMLButtonElement ? [part] : [...part.querySelectorAll("button")]
  buttons.forEach((each) => (each.disabled = true))
  say(part.dataset.busy ?? "")
  try {
    await work()
    say(part.dataset.done ?? "")
  } catch (error) {
    say(error instanceof Error ? error.message : String(error))
  } finally {
    buttons.forEach((each) => (each.disabled = false))
  }
  await refresh()
}
