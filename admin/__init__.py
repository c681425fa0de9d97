"""The administrators' console: pages on which legacy systems are described, imports approved and cases decided.

Owns: the pages under /console, who may open which of them, and the words on them. Does not own a rule: every page
calls the rooms below, which decide again. Enter by `console.bp`; `room.route` is the only way a page joins.
"""
