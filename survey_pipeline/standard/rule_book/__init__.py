"""A standard as people read it: clause by clause in words, checked, copied to next year, compared.

`provisions` walks a standard, `sentences` says what each entry means, `chapters` puts both in the
reader's language, `checking_file` finds what is wrong in a file.
"""
