"""The composition of all collaborators, without Flask, for web, worker and command line.

The only place that builds them and the only one that hands out sections of the settings; no logic.
Enter by `build.build_house`.
"""
