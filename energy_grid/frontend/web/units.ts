/** A decimal number of people in whole units, exactly. */
export function units(text: string, digits: number): bigint {
  const [whole = "0", part = ""] = text.trim().replace(",", ".").split(".")
  return BigInt(whole + part.padEnd(digits, "0"))
}
