"""The settings: their models (`settings`) and how they are read (`load`).

No other room reads a file or the environment. Enter by `load.load_settings`.
"""
