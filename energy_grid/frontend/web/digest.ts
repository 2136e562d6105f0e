// The digest of typed data (EIP-712). Only who signs what others have proposed needs it.

export { hashTypedData } from "viem/utils"
