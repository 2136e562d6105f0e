// What owners of Safes and voters do.

import { ask, signedInWallet } from "./account"
import { act, during, insist, send, type Call } from "./act"
import { does } from "./page"
import { queueOf, signSafe } from "./safe"

// execTransaction of a Safe.
const EXECUTE = "0x6a761202"
const path = ({ dataset }: HTMLElement): string => `${queueOf(dataset.name!)}/${dataset.hash}`

does("signSafe", (button) => during(button, () => signSafe(button.dataset.name!, button.dataset.hash!)))
does("dropSafe", (button) => during(button, () => ask(path(button), undefined, "DELETE")))
does("sendSafe", (button) =>
  during(button, async () => {
    const call = await ask<Call>(`${path(button)}/execution`, undefined, "POST")
    // Nothing else of the Safe: an owner can also approve a hash by a call.
    insist(call.to === button.dataset.safe && BigInt(call.value) === 0n && call.data.startsWith(EXECUTE))
    if (call.reverts !== null) throw new Error(call.reverts)
    await send(await signedInWallet(), call)
  }),
)

const governs = (name: string, call: string, values: (part: HTMLElement) => string[]): void =>
  does(name, (button) => during(button, () => act("GridGovernor", call, values(button))))

governs("vote", "castVote", ({ dataset }) => [dataset.proposal!, dataset.support!])
governs("queueProposal", "queue(uint256)", ({ dataset }) => [dataset.proposal!])
governs("executeProposal", "execute(uint256)", ({ dataset }) => [dataset.proposal!])

// The owners of a Safe sign it.
const proposes = (name: string, contract: string, call: string, values: (part: HTMLElement) => string[]): void =>
  does(name, (button) =>
    during(button, () =>
      ask(queueOf(button.dataset.name!), { calls: [{ contract, function: call, arguments: values(button) }] }),
    ),
  )

proposes("stopProposal", "GridGovernor", "cancel(uint256)", ({ dataset }) => [dataset.proposal!])
proposes("executeScheduled", "AccessManager", "execute", ({ dataset }) => [dataset.target!, dataset.data!])
proposes("cancelScheduled", "AccessManager", "cancel", ({ dataset }) => [
  dataset.caller!,
  dataset.target!,
  dataset.data!,
])
