"""Facts and the standard become points, and the lines that explain them. Pure.

Inside a component all is exact (`Fraction`); it is rounded once, when it is done. There is no way
to points but with their lines.
"""
