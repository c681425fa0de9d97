"""The interaction loop: what a person still has to do before a request can be answered.

`next_step` decides, one file per step does; steps never call one another and know no protocol endpoint.
"""
