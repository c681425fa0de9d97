"""Two relying parties to try the provider with, and the runner that starts all three.

Owns nothing of the provider: `demo` neither imports the house nor is imported by it. It speaks to the
provider over HTTP and by the `idp` command, as any department would. One enters at `demo.run`.
"""
