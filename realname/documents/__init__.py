"""Document numbers of persons, credit codes of organisations and real names: parse, validate, fold, mask.

Pure: no I/O, no clock (callers hand in the civil date). Enter by `parse.parse_number`, which alone decides
the type of a number, by `credit_code.parse_credit_code` and by `names.clean_name`. A number that parses is
well formed and nothing more: it never proves who somebody is, and nothing here looks up a register.
"""
