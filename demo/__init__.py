"""Two relying parties and a card reader to try the provider with, and the runner that starts everything.

Owns nothing of the provider: `demo` neither imports the house nor is imported by it. It speaks to the
provider over HTTP and by the `idp` command, as any department would. One enters at `demo.run`.
"""
