"""Names in the environment of a request, by which inner applications tell outer ones what only they know."""

#: The view that answered.
ENDPOINT = "yihao.endpoint"
#: The code of the error, or the reason, that it was refused with; a word of ours.
ERROR = "yihao.error"
#: The body of a token request that was granted.
GRANT = "yihao.grant"
#: True where a proxy that is not listed says that it hands on somebody else's request.
UNKNOWN_HOP = "yihao.unknown_hop"
