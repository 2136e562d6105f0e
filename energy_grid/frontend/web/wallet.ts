// Wallets: which there are (EIP-6963), what they sign (EIP-1193), and one that lives in this browser.

import type { Address, Hex } from "viem"

/** What the page asks a wallet. */
export interface Provider {
  request(question: { method: string; params?: readonly unknown[] }): Promise<unknown>
}

interface Announced {
  info: { uuid: string; name: string; icon: string; rdns: string }
  provider: Provider
}

/** A wallet that a person can choose. */
export interface Wallet {
  name: string
  icon: string
  provider: Provider
}

const announced = new Map<string, Announced>()
addEventListener("eip6963:announceProvider", (event) => {
  const found = (event as CustomEvent<Announced>).detail
  announced.set(found.info.uuid, found)
})

/** The wallets that this browser has. */
export function wallets(): Wallet[] {
  dispatchEvent(new Event("eip6963:requestProvider"))
  return [...announced.values()].map(({ info, provider }) => ({
    name: info.name,
    // Wallets announce their own pictures; only data is shown, nothing is fetched for them.
    icon: info.icon.startsWith("data:image/") ? info.icon : "",
    provider,
  }))
}

const KEY = "energy-grid-throwaway-key"

/** Whether this browser has a throwaway wallet. */
export function hasThrowaway(): boolean {
  return localStorage.getItem(KEY) !== null
}

/** Forget the throwaway wallet, and all that it has. */
export function forgetThrowaway(): void {
  localStorage.removeItem(KEY)
}

/** A wallet whose key lies in this browser: for a local chain, where money is worth nothing. */
export async function throwaway(chainId: number): Promise<Provider> {
  const { generatePrivateKey, privateKeyToAccount } = await import("viem/accounts")
  const key = (localStorage.getItem(KEY) as Hex | null) ?? generatePrivateKey()
  localStorage.setItem(KEY, key)
  const account = privateKeyToAccount(key)
  return {
    async request({ method, params = [] }): Promise<unknown> {
      switch (method) {
        case "eth_requestAccounts":
        case "eth_accounts":
          return [account.address]
        case "eth_chainId":
          return `0x${chainId.toString(16)}`
        case "personal_sign":
          return account.signMessage({ message: { raw: params[0] as Hex } })
        case "eth_signTypedData_v4":
          return account.signTypedData(JSON.parse(params[1] as string))
        default:
          throw new Error(`a throwaway wallet signs, and sends nothing by itself: ${method}`)
      }
    },
  }
}

/** Bytes as wallets take them. */
export function hex(text: string): Hex {
  const bytes = new TextEncoder().encode(text)
  return `0x${[...bytes].map((each) => each.toString(16).padStart(2, "0")).join("")}`
}

export type { Address, Hex }
