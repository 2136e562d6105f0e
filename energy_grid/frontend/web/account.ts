// Signing in and out with a wallet.

import { does, say } from "./page"
import { forgetThrowaway, hex, throwaway, wallets, type Address, type Provider, type Wallet } from "./wallet"

const TOKEN = "energy-grid-token"
const WALLET = "energy-grid-wallet"
const ACCOUNT = "energy-grid-account"
// What the worker has kept of theirs.
const forgetPages = async (): Promise<unknown> => "caches" in window && caches.delete("own")
export const THROWAWAY = "throwaway"
export const chainId = Number(document.body.dataset.chain)

/** An answer of the API, or its problem as an error that people can read. */
export async function ask<Answer>(path: string, question?: unknown, method?: string): Promise<Answer> {
  const isChange = question !== undefined || method !== undefined
  if (isChange && !path.endsWith("/session") && !isOwn()) throw new Error(document.body.dataset.other)
  const headers: Record<string, string> = {}
  const held = token()
  if (held !== null) headers["Authorization"] = `Bearer ${held}`
  if (question !== undefined) headers["Content-Type"] = "application/json"
  const answer = await fetch(path, {
    method: method ?? (question === undefined ? "GET" : "POST"),
    headers,
    ...(question === undefined ? {} : { body: JSON.stringify(question) }),
  })
  if (answer.status === 204) return undefined as Answer
  const content = await answer.json()
  if (answer.status === 401 && held !== null) {
    sessionStorage.removeItem(TOKEN)
    throw new Error(document.body.dataset.over)
  }
  if (!answer.ok) throw told(content)
  return content as Answer
}

/** A problem, as an error that people can read. */
export function told({ detail, next }: { detail: string; next?: string }): Error {
  return new Error([detail, next].filter(Boolean).join(": "))
}

/** Whether the page shows who has signed in in this tab, or nobody: tabs share what pages show, and
 * each acts for its own. */
export function isOwn(): boolean {
  const shown = document.querySelector<HTMLDataElement>("#who data")?.value
  return shown === undefined || shown === sessionStorage.getItem(ACCOUNT)
}

/** Of the session. */
export function token(): string | null {
  return sessionStorage.getItem(TOKEN)
}

/** The account that is signed in. */
export function signedInAccount(): Address {
  return document.querySelector<HTMLDataElement>("#who data")!.value as Address
}

/** What the wallet calls itself that has signed in here. */
export function walletName(): string | null {
  return sessionStorage.getItem(WALLET)
}

/** The wallet that has signed in here, on the market's chain. */
export async function signedInWallet(): Promise<Provider> {
  const name = sessionStorage.getItem(WALLET)
  if (name === THROWAWAY) return throwaway(chainId)
  const found = wallets().find((each) => each.name === name)
  if (found === undefined) throw new Error(document.body.dataset.other)
  if (!(await isOnChain(found))) {
    await switchChain(found)
    if (!(await isOnChain(found))) throw new Error(document.body.dataset.elsewhere)
  }
  return found.provider
}

const dialog = document.querySelector<HTMLDialogElement>("#wallets")
const alert = dialog?.querySelector<HTMLElement>("[role=alert]")
const switcher = dialog?.querySelector<HTMLElement>("[data-do=switch-chain]")?.parentElement
let chosen: Wallet | null = null

function complain(kind: "chain" | "refused" | null, detail = ""): void {
  if (!alert || !switcher) return
  alert.hidden = kind === null && detail === ""
  alert.textContent = detail || (kind === null ? "" : (alert.dataset[kind] ?? ""))
  switcher.hidden = kind !== "chain"
}

async function isOnChain({ provider }: Wallet): Promise<boolean> {
  return Number(await provider.request({ method: "eth_chainId" })) === chainId
}

async function signIn(wallet: Wallet): Promise<void> {
  chosen = wallet
  complain(null)
  try {
    const [account] = (await wallet.provider.request({ method: "eth_requestAccounts" })) as Address[]
    if (!(await isOnChain(wallet))) return complain("chain")
    const { message } = await ask<{ message: string }>("/api/v1/session/challenge", { account })
    const said = `${location.host} wants you to sign in with your Ethereum account:\n${account}\n`
    if (!message.toLowerCase().startsWith(said.toLowerCase())) throw new Error(document.body.dataset.odd)
    const signature = await wallet.provider.request({ method: "personal_sign", params: [hex(message), account] })
    const opened = await ask<{ token: string; account: Address }>("/api/v1/session", { message, signature })
    await forgetPages()
    sessionStorage.setItem(TOKEN, opened.token)
    sessionStorage.setItem(ACCOUNT, opened.account)
    sessionStorage.setItem(WALLET, wallet.name)
    await ask("/pages/session", undefined, "POST")
    location.reload()
  } catch (error) {
    // 4001: the person said no.
    if ((error as { code?: number }).code === 4001) complain("refused")
    else complain(null, error instanceof Error ? error.message : String(error))
  }
}

export function openWallets(): void {
  if (!dialog) return
  const list = dialog.querySelector<HTMLElement>(".choices")!
  const found = wallets()
  list.replaceChildren(
    ...found.map((wallet) => {
      const entry = document.createElement("li")
      const button = document.createElement("button")
      button.type = "button"
      if (wallet.icon !== "") {
        const icon = document.createElement("img")
        icon.src = wallet.icon
        icon.alt = ""
        button.append(icon)
      }
      button.append(wallet.name)
      button.addEventListener("click", () => void signIn(wallet))
      entry.append(button)
      return entry
    }),
  )
  if (found.length === 0) list.textContent = list.dataset.empty ?? ""
  complain(null)
  dialog.showModal()
}

does("throwaway", async () => {
  await signIn({ name: THROWAWAY, icon: "", provider: await throwaway(chainId) })
})

async function switchChain({ provider }: Wallet): Promise<void> {
  const params = [{ chainId: `0x${chainId.toString(16)}` }]
  await provider.request({ method: "wallet_switchEthereumChain", params })
}

does("switch-chain", async () => {
  if (chosen === null) return
  await switchChain(chosen)
  await signIn(chosen)
})

export async function signOut(): Promise<void> {
  await ask("/api/v1/session", undefined, "DELETE").catch(() => say(""))
  // Without a line, too.
  await forgetPages()
  sessionStorage.clear()
  const { forgetRead } = await import("./notices")
  forgetRead()
  await ask("/pages/session", undefined, "DELETE")
  location.assign("/")
}

export { forgetThrowaway }
