/** A decimal number of people in whole units, exactly; what is finer than a unit is none. */
export function units(text: string, digits: number): bigint {
  const [whole = "0", part = ""] = text.trim().replace(",", ".").split(".")
  if (part.length > digits) throw new Error(document.body.dataset.fine)
  return BigInt(whole + part.padEnd(digits, "0"))
}
