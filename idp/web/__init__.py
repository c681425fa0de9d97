"""The pages and routes: blueprints, forms, templates, static files, translations.

Parses requests, words results and renders; decides nothing and speaks no SQL. Enter from `idp.app`.
"""
