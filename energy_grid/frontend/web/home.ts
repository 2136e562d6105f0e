// What an account does with its money and its surplus.

import { signedInAccount, token } from "./account"
import { act, deposit, during } from "./act"
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
