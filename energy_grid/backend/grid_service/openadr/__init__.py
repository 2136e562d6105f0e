"""OpenADR 3: programs and events of the chain for programs that control loads (VENs)."""
