// The queue of a Safe: signing what it is to do, with the wallet of an owner.

import { ask, signedInAccount, signedInWallet } from "./account"
import { insist, signTyped, type TypedData } from "./act"

interface Waiting {
  hash: string
  typed_data: TypedData
}

/** Where what waits for the owners of a Safe is. */
export const queueOf = (safe: string): string => `/api/v1/safes/${safe}/transactions`

/** Sign a transaction of the Safe of a name. */
export async function signSafe(safe: string, hash: string): Promise<void> {
  const queue = await ask<Waiting[]>(queueOf(safe))
  const found = queue.find((each) => each.hash === hash)
  if (found === undefined) throw new Error(`${hash} does not wait any more`)
  // The page has said what this hash does: data with another one would do something else.
  const { hashTypedData } = await import("./digest")
  insist(hashTypedData(found.typed_data as never) === hash)
  const signature = await signTyped(await signedInWallet(), signedInAccount(), found.typed_data, "SafeTx", {})
  await ask(`${queueOf(safe)}/${hash}/signatures`, { signature })
}
