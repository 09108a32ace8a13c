"""The command line: one file per noun; heavy libraries load inside the commands that use them."""
