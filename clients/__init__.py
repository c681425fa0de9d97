"""OAuth clients and the APIs they call: metadata, registry, policy, secrets, authentication, consents.

Enter by `registry.ClientRegistry` to look a client up, `authentication.ClientAuthenticator` to prove it,
`administration.ClientAdministration` and `registration.DynamicRegistration` to change it,
`resources.ResourceServers` for audiences, `consents` for what persons allowed. Issues no tokens.
"""
