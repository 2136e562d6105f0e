// What an account does on the chain: the market's API builds a call, the wallet signs it.
//
// An account with native coin sends by itself; for one without, the relay sends what it has signed.
// A contract wallet, such as a Safe, proposes to its owners: no receipt comes for what its wallet
// answers, and the page shows what has become of it when the chain does.

import { ask, chainId, signedInAccount, signedInWallet, THROWAWAY, walletName } from "./account"
import { refresh } from "./live"
import { say } from "./page"
import type { Address, Hex, Provider } from "./wallet"

export interface TypedData {
  domain: { chainId: number; verifyingContract: Address }
  primaryType: string
  types: Record<string, readonly { name: string }[]>
  message: Record<string, string | number>
}

/** Whose functions every coin has, but for the faucet. */
export const COIN = "TestDollar"

interface Market {
  coin: { address: Address }
  contracts: Record<string, Address>
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

interface Balances {
  native_wei: string
  wallet: string
  is_contract: boolean
}

interface Relayed {
  id: string
  state: "RECEIVED" | "SENT" | "DONE" | "FAILED" | "EXPIRED" | "REFUSED"
  transaction: Hex | null
  detail: string | null
}

const PAUSE = 500
// Whether what somebody does now has been proposed to the owners of a contract wallet, so far.
let isProposed = false

/** What an account has, and whether it is a contract wallet. */
export const balances = (account: Address): Promise<Balances> => ask<Balances>(`/api/v1/accounts/${account}`)
const rest = (): Promise<void> => new Promise((done) => setTimeout(done, PAUSE))

/** The address of a contract of the market. */
export async function placeOf(contract: string): Promise<Address> {
  const { coin, contracts } = await ask<Market>("/api/v1/market")
  // The coin can be one that was there before the market.
  return contract === COIN ? coin.address : contracts[contract]!
}

/** Go on only if an answer of the market is what the page says. */
export function insist(isSame: boolean): void {
  if (!isSame) throw new Error(document.body.dataset.odd)
}

/** Have the wallet sign what the page has told its reader: `told` by the names of its fields. */
export async function signTyped(
  provider: Provider,
  account: Address,
  data: TypedData,
  kind: string,
  told: Record<string, unknown>,
): Promise<Hex> {
  const { domain, primaryType, types, message } = data
  // A wallet shows and signs the fields of the type alone, whatever else a message has.
  const signed = new Set(types[kind]?.map(({ name }) => name))
  const isTold = ([name, value]: [string, unknown]): boolean =>
    signed.has(name) && String(message[name]).toLowerCase() === String(value).toLowerCase()
  insist(primaryType === kind && Number(domain.chainId) === chainId && Object.entries(told).every(isTold))
  return (await provider.request({ method: "eth_signTypedData_v4", params: [account, JSON.stringify(data)] })) as Hex
}

/** Have a call made; it is in a block then, or proposed. `at`: of contracts of which there are many. */
export async function act(contract: string, name: string, values: readonly unknown[], at?: string): Promise<void> {
  const [account, provider] = [signedInAccount(), await signedInWallet()]
  const question = { from: account, contract, function: name, arguments: values, address: at }
  const call = await ask<Call>("/api/v1/calls", question)
  const isOfMine = call.from === account && call.to === (at ?? (await placeOf(contract))) && BigInt(call.value) === 0n
  insist(isOfMine && hasValues(call.data, values))
  const { native_wei: coin, is_contract: isContract } = await balances(account)
  // What comes after a proposal cannot be tried before that has happened.
  if (call.reverts !== null && !isProposed) throw new Error(call.reverts)
  if (isContract) return propose(provider, call)
  await (mustRelay(coin) && call.relay_typed_data !== null ? relay(provider, call, call.relay_typed_data) : send(provider, call))
}

/** Whether an account with so much native coin sends nothing by itself. */
const mustRelay = (coin: string): boolean => walletName() === THROWAWAY || BigInt(coin) === 0n

/** Have a contract wallet propose a call to its owners. */
async function propose(provider: Provider, call: Call): Promise<void> {
  await request(provider, call)
  isProposed = true
}

/** Whether a call has these values, where they are numbers, addresses or truths: a word for each. */
function hasValues(data: Hex, values: readonly unknown[]): boolean {
  return values.every((value, at) => {
    const text = String(typeof value === "boolean" ? Number(value) : value)
    const isWord = /^([0-9]+|0x[0-9a-f]{1,64})$/i.test(text)
    return !isWord || BigInt(`0x${data.slice(10 + 64 * at, 74 + 64 * at)}`) === BigInt(text)
  })
}

async function relay(provider: Provider, { from, to, data }: Call, typed: TypedData): Promise<Hex> {
  const signature = await signTyped(provider, from, typed, "ForwardRequest", { from, to, value: 0, data })
  let found = await ask<Relayed>("/api/v1/relay", { ...typed.message, signature })
  while (found.state === "RECEIVED" || found.state === "SENT") {
    await rest()
    found = await ask<Relayed>(`/api/v1/relay/${found.id}`)
  }
  if (found.state !== "DONE") throw new Error(found.detail ?? found.state)
  return found.transaction!
}

async function request(provider: Provider, { from, to, data, value }: Call): Promise<Hex> {
  const params = [{ from, to, data, value: `0x${BigInt(value).toString(16)}` }]
  return (await provider.request({ method: "eth_sendTransaction", params })) as Hex
}

/** Have the wallet send a call; gives its transaction once it is in a block. */
export async function send(provider: Provider, call: Call): Promise<Hex> {
  const transaction = await request(provider, call)
  for (;;) {
    const receipt = await provider.request({ method: "eth_getTransactionReceipt", params: [transaction] })
    const status = (receipt as { status: Hex } | null)?.status
    if (status === "0x1") return transaction
    if (status !== undefined) throw new Error(`${transaction} had no effect`)
    await rest()
  }
}

/** Have coins of the wallet paid in; `token` units of theirs are one of the market's. */
export async function deposit(amount: bigint, token: bigint): Promise<void> {
  const account = signedInAccount()
  const { wallet, is_contract: isContract } = await balances(account)
  if (isContract) {
    if (BigInt(wallet) < amount * token) throw new Error(document.body.dataset.short)
    // A permit is signed with a key, which a contract has not.
    await approve("Settlement", amount * token)
    return act("Settlement", "deposit", [amount.toString()])
  }
  return act("Settlement", "depositWithPermit", [amount.toString(), ...(await permit("Settlement", amount, token))])
}

/** Have the wallet sign that a contract may take coins: the deadline, v, r and s of the signature. */
async function permit(spender: string, amount: bigint, token: bigint): Promise<string[]> {
  const account = signedInAccount()
  const wanted = { account, amount: amount.toString(), spender }
  const { typed_data: data } = await ask<{ typed_data: TypedData }>("/api/v1/permits", wanted)
  const told = { owner: account, spender: await placeOf(spender), value: amount * token }
  const signature = await signTyped(await signedInWallet(), account, data, "Permit", told)
  const [r, s, v] = [signature.slice(0, 66), `0x${signature.slice(66, 130)}`, Number(`0x${signature.slice(130, 132)}`)]
  return [String(data.message.deadline), String(v < 27 ? v + 27 : v), r, s]
}

/** Let the market of certificates take a price from the wallet, in the coin's own units, of which `token` are one of the market's. */
export async function allow(price: bigint, token: bigint): Promise<void> {
  const [spender, { native_wei: coin, is_contract: isContract }] = ["CertificateMarket", await balances(signedInAccount())]
  if (isContract || !mustRelay(coin)) return approve(spender, price)
  const amount = (price + token - 1n) / token
  const values = [await placeOf(COIN), (amount * token).toString(), ...(await permit(spender, amount, token))]
  return act(spender, "usePermit", values)
}

/** Let a contract of the market take coins, or another token, from the wallet. */
export async function approve(spender: string, amount: bigint, token = COIN): Promise<void> {
  return act(token, "approve", [await placeOf(spender), amount.toString()])
}

/** Do something for a form or a button, and say how it went; the page then shows what has changed. */
export async function during(part: HTMLElement, work: () => Promise<unknown>): Promise<void> {
  const buttons = part instanceof HTMLButtonElement ? [part] : [...part.querySelectorAll("button")]
  buttons.forEach((each) => (each.disabled = true))
  say(part.dataset.busy ?? "")
  isProposed = false
  try {
    await work()
    say((isProposed ? document.body.dataset.proposed : part.dataset.done) ?? "")
  } catch (error) {
    say(error instanceof Error ? error.message : String(error))
  } finally {
    buttons.forEach((each) => (each.disabled = false))
  }
  await refresh()
}
